import { relative, resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { checkTarget, createProject } from '../../../generate/files/create-project.ts';
import { readSurroundings } from '../../../generate/files/surroundings.ts';
import { checkServiceName, suggestName } from '../../../generate/inputs/names.ts';
import { choosePackageManager } from '../../../generate/inputs/package-manager.ts';
import { checkManager, placeNotes, withPlace } from '../../../generate/inputs/place.ts';
import { diffPlan } from '../../../generate/plan/diff.ts';
import type { Plan } from '../../../generate/plan/plan.ts';
import { planJson } from '../../../generate/plan/plan-json.ts';
import { planNew } from '../../../generate/plan/plan-new.ts';
import { previewTree } from '../../../generate/plan/preview.ts';
import { startRepository } from '../../../generate/tools/git.ts';
import type { Ports } from '../../../ports.ts';
import type { CommandResult, Flags } from '../../command.ts';
import { installStep } from '../../service/install.ts';
import { noName } from '../../service/missing-name.ts';
import { nextCommands, nextText, relativePath } from '../../service/next-commands.ts';
import { placeOf } from '../../service/place.ts';
import { askUnlessDecided } from '../../service/who-answers.ts';
import { templates } from '../../templates/templates.ts';
import { askNew } from './ask.ts';
import { type NewFlags, wantedRecord } from './record.ts';

/** `msvc new`: asks what was not said, plans, writes, installs, commits, and says what to do next. */
export async function newService(given: NewFlags, ports: Ports): Promise<CommandResult> {
  const { flags, instances } = askUnlessDecided(given, ports)
    ? await askNew(given, ports, targetOf)
    : { flags: given, instances: [] };
  const name = checkName(flags.name, ports);
  const target = targetOf(name, flags, ports);
  await checkTarget(target);
  const surroundings = await readSurroundings(target);
  const place = (await placeOf(target, ports)) ?? {};
  const { packageManager, note } = choosePackageManager({
    flag: flags.packageManager ?? place.manager,
    userAgent: ports.env.npm_config_user_agent,
    ...surroundings,
  });
  checkManager(packageManager, place);
  const record = withPlace(wantedRecord({ ...flags, name }, packageManager, templates, instances), place);
  for (const line of [...(note ? [note] : []), ...placeNotes(place, name)]) ports.stderr.write(`note: ${line}\n`);
  const plan = await planNew(record, templates);
  if (flags.dryRun || flags.diff) return show(plan, target, flags, ports);

  await createProject(plan, target, { cwd: ports.cwd, signal: ports.signal });
  const where = relativePath(ports.cwd, target);
  const installed =
    flags.install === false ? 'skipped' : await installStep({ directory: target, where, packageManager, ports });
  if (flags.git !== false) await gitStep(target, ports);
  const next = nextCommands({ packageManager, where, installed: installed === 'done' });
  const exitCode = installed === 'failed' ? 3 : 0;
  if (flags.json) return { output: planJson(plan, { next, applied: true, directory: target }), exitCode };
  // On a terminal the lines about installing stand above; a gap sets the result off.
  const gap = ports.stdout.isTerminal ? '\n' : '';
  const done = `${record.name}: ${plan.changes.length} files written`;
  return { output: `${gap}${done}\n\n${nextText(next, ports.stdout)}`, exitCode };
}

function checkName(name: string | undefined, ports: Ports): string {
  if (name === undefined) throw noName('service', 'create-microservice order-service', ports);
  if (/[\\/]|^\.+$/.test(name)) {
    const last = suggestName(name.split(/[\\/]/).at(-1) ?? '') ?? 'order-service';
    throw new UserError({
      code: 'INVALID_NAME',
      what: `"${name}" cannot be the name of a service`,
      why: 'It is a path, and a name is no path.',
      fix: `Give both: create-microservice ${last} --directory ${name}`,
    });
  }
  return checkServiceName(name);
}

const targetOf = (name: string, flags: Pick<NewFlags, 'directory'>, ports: Ports): string =>
  resolve(ports.cwd, flags.directory ?? name);

async function show(plan: Plan, target: string, flags: Flags, ports: Ports): Promise<CommandResult> {
  const root = relative(ports.cwd, target) || '.';
  if (flags.json) return { output: planJson(plan, { next: [], applied: false, directory: target }), exitCode: 0 };
  const tree = flags.dryRun ? previewTree(plan, root) : '';
  const diff = flags.diff ? await diffPlan(plan) : '';
  return { output: [tree, diff].filter(Boolean).join('\n'), exitCode: 0 };
}

async function gitStep(target: string, ports: Ports): Promise<void> {
  const outcome = await startRepository(target, { env: ports.env, signal: ports.signal });
  if (outcome.kind === 'initialised')
    ports.stderr.write(`note: the git repository has no commit yet: ${outcome.reason}. Later: ${outcome.next}\n`);
  if (outcome.kind === 'skipped') ports.stderr.write(`note: no git repository made: ${outcome.reason}\n`);
}
