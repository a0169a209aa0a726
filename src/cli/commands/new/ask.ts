import { checkTarget } from '../../../generate/files/create-project.ts';
import { readSurroundings } from '../../../generate/files/surroundings.ts';
import { closeOverRequired, findFeature } from '../../../generate/inputs/features.ts';
import { parseList } from '../../../generate/inputs/list.ts';
import { suggestName, whyNoNameOf, whyNoServiceName } from '../../../generate/inputs/names.ts';
import { choosePackageManager, supported } from '../../../generate/inputs/package-manager.ts';
import { defaultContext, defaultDescription, defaultOwner, whyNo } from '../../../generate/inputs/service-fields.ts';
import type { Answers } from '../../../generate/record.ts';
import { isInWorkTree } from '../../../generate/tools/git.ts';
import type { Ask, Ports } from '../../../ports.ts';
import { exampleName } from '../../service/example-name.ts';
import { placeOf } from '../../service/place.ts';
import { askAnswers, askName } from '../../service/questions.ts';
import { manifests, presets } from '../../templates/manifests.ts';
import { defaultPreset, type FirstInstance, findPreset, type NewFlags } from './record.ts';

/** What was answered. */
export interface Asked {
  flags: NewFlags;
  /** A first one of each kind that was chosen. */
  instances: readonly FirstInstance[];
}

/** Asks for a whole new service; the answers are flags, as if they had been typed. */
export async function askNew(
  given: NewFlags,
  ports: Ports,
  targetOf: (name: string, flags: NewFlags, ports: Ports) => string,
): Promise<Asked> {
  const ask = ports.ask as Ask;
  // A name from the command line that cannot be is an error there; asking on would hide it.
  if (given.name !== undefined && whyNoServiceName(given.name) !== undefined) return { flags: given, instances: [] };
  const name =
    given.name ?? (await ask.text({ message: 'Name of the service', default: 'order-service', validate: nameProblem }));
  const target = targetOf(name, given, ports);
  await checkTarget(target);

  const description = await ask.text({
    message: 'What it does',
    default: defaultDescription(name),
    validate: check(whyNo.description),
  });
  const context = await ask.text({
    message: 'Bounded context',
    default: defaultContext(name),
    validate: check(whyNo.context),
  });
  const owner = await ask.text({
    message: 'Team that owns it',
    default: defaultOwner(context),
    validate: check(whyNo.owner),
  });
  const { template, features, answers, instances } = await askFeatures(ask);
  const calls = parseList(
    await ask.text({ message: 'Services that it calls (a,b; empty for none)', validate: (text) => callsProblem(text) }),
  );
  const { packageManager: usual } = choosePackageManager({
    ...(await readSurroundings(ports.cwd)),
    userAgent: ports.env.npm_config_user_agent,
  });
  // In a workspace there is nothing to choose: it has one lock file.
  const { manager } = (await placeOf(target, ports)) ?? {};
  const packageManager =
    manager ??
    (await ask.choose({
      message: 'Package manager',
      choices: supported.map((value) => ({ value, name: value })),
      default: usual,
    }));
  // Inside another repository there is nothing to choose, and the result says so.
  const git =
    (await isInWorkTree(target)) ||
    (await ask.confirm({ message: 'Make a git repository with a first commit', default: true }));
  const install = await ask.confirm({ message: 'Install its dependencies now', default: true });
  const chosen = { name, description, context, owner, template, with: features, calls, packageManager, git, install };
  return { flags: { ...answers, ...chosen }, instances };
}

interface AskedFeatures {
  template: string;
  features: string[];
  answers: Answers;
  instances: FirstInstance[];
}

async function askFeatures(ask: Ask): Promise<AskedFeatures> {
  const template = await ask.choose({
    message: 'Template',
    choices: presets.map(({ id, title }) => ({ value: id, name: `${id}: ${title}` })),
    default: defaultPreset,
  });
  const included = closeOverRequired(findPreset(template, presets).features, manifests);
  // Which services it calls is a question of its own.
  const more = manifests.filter(
    ({ id, selectable, instances }) => (selectable || (instances && instances !== clients)) && !included.includes(id),
  );
  const features = await ask.chooseMany({
    message: 'Features (more can be added later)',
    choices: more.map(({ id, title, summary }) => ({ value: id, name: title, description: summary })),
  });
  let answers: Answers = {};
  for (const id of closeOverRequired(features, manifests))
    answers = await askAnswers(findFeature(id, manifests).questions, answers, ask);
  const instances: FirstInstance[] = [];
  for (const id of features) {
    const { instances: kind } = findFeature(id, manifests);
    if (!kind) continue;
    const instance = { name: await askName(kind, exampleName(kind), ask) };
    instances.push({
      kind: kind.kind,
      instance: { ...(await askAnswers(kind.questions, instance, ask)), ...instance },
    });
  }
  return { template, features, answers, instances };
}

const check =
  (why: (text: string) => string | undefined) =>
  (text: string): string | true =>
    sentence(why(text.trim()));

function nameProblem(name: string): string | true {
  const why = whyNoServiceName(name);
  const suggestion = why === undefined ? undefined : suggestName(name);
  return sentence(why && suggestion ? `${why}; try ${suggestion}` : why);
}

const clients = manifests.find(({ instances }) => instances?.kind === 'clients')?.instances;

const callsProblem = (text: string): string | true =>
  sentence(
    parseList(text)
      .map((name) => [name, whyNoNameOf(clients ?? {}, name)] as const)
      .filter(([, why]) => why)
      .map(([name, why]) => `${name}: ${why}`)[0],
  );

const sentence = (why: string | undefined): string | true =>
  why === undefined ? true : `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
