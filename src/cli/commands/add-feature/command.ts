import { UserError } from '../../../errors.ts';
import type { Ask, Ports } from '../../../ports.ts';
import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { questionOptions } from '../../service/question-options.ts';
import { askUnlessDecided } from '../../service/who-answers.ts';
import { manifests } from '../../templates/manifests.ts';
import { offeredFeatures } from '../../templates/offered-features.ts';

/** Those that are added by their own name; one with instances comes with its first. */
const choices = offeredFeatures.filter(({ instances }) => instances === undefined);

const chooseFeature = ({ ask }: Ports): Promise<string> =>
  (ask as Ask).choose({
    message: 'Which one',
    choices: choices.map(({ id, title, summary }) => ({ value: id, name: `${title}: ${summary}` })),
  });

const noFeature = (): UserError =>
  new UserError({
    code: 'MISSING_ARGUMENT',
    what: '<id> is missing',
    why: `Known are: ${choices.map(({ id }) => id).join(', ')}; ${offeredFeatures
      .flatMap(({ instances }) => (instances ? [instances.command?.split(' ')[0] ?? `add-${instances.noun}`] : []))
      .join(', ')} bring the others.`,
    fix: 'Name one: msvc add-feature redis. What each is: msvc list',
  });

const questions = manifests.flatMap((manifest) => manifest.questions);

export default defineCommand({
  name: 'add-feature',
  summary: 'Add a feature to a service, or answer its questions anew',
  group: 'Extend a service',
  arguments: { id: { summary: 'One of those that msvc list shows', offers: choices.map(({ id }) => id) } },
  options: { ...questionOptions(questions, 'What it is'), ...changeOptions },
  examples: [
    ['msvc add-feature postgres', 'in any folder of a service'],
    ['msvc add-feature postgres --dry-run --diff', 'see every line first'],
  ],
  async run({ id, ...flags }, ports) {
    const { changeService, findFeature, givenAnswers, withFeature } = await import('../../service/index.ts');
    if (id === undefined && !askUnlessDecided(flags, ports)) throw noFeature();
    const feature = findFeature(id ?? (await chooseFeature(ports)), offeredFeatures);
    return changeService({
      flags,
      ports,
      done: () => `${feature.title} added`,
      change: (record) => withFeature(record, feature.id, givenAnswers(feature.questions, flags), manifests),
    });
  },
});
