import { resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { applyPlan } from '../../generate/files/apply-plan.ts';
import { readProject } from '../../generate/files/read-project.ts';
import { hasModules, readPackageManager } from '../../generate/files/surroundings.ts';
import { packageManagerInUse } from '../../generate/inputs/package-manager.ts';
import { checkManager, movedNotes, withPlace } from '../../generate/inputs/place.ts';
import { productionNeeds } from '../../generate/inputs/production-needs.ts';
import { diffPlan } from '../../generate/plan/diff.ts';
import { type Lost, lostFrom } from '../../generate/plan/lost.ts';
import { conflictsOf, isEmptyPlan, type Plan, unresolvedIn } from '../../generate/plan/plan.ts';
import { planChange, waitingIn } from '../../generate/plan/plan-change.ts';
import { planJson } from '../../generate/plan/plan-json.ts';
import { previewTable, summarise } from '../../generate/plan/preview.ts';
import type { Project } from '../../generate/plan/project.ts';
import type { GivenContract } from '../../generate/plan/project-contracts.ts';
import { withoutOtherLocks } from '../../generate/plan/without-other-locks.ts';
import { type PackageManager, type ServiceRecord, upFrom } from '../../generate/record.ts';
import { countUncommitted } from '../../generate/tools/uncommitted.ts';
import type { Ports } from '../../ports.ts';
import type { CommandResult, FlagsOf } from '../command.ts';
import { manifests } from '../templates/manifests.ts';
import { templates } from '../templates/templates.ts';
import type { changeOptions } from './change-options.ts';
import { changesDependencies } from './changed-dependencies.ts';
import { tellOfContracts } from './contracts.ts';
import { installStep } from './install.ts';
import { nextText, productionText, quoted, relativePath } from './next-commands.ts';
import { placeOf } from './place.ts';

export type ChangeFlags = FlagsOf<object, typeof changeOptions> & {
  readonly check?: boolean;
  readonly dropLost?: boolean;
};

export interface ServiceChange {
  flags: ChangeFlags;
  ports: Ports;
  /** What is said at the end: "client payments added". */
  done(): string;
  /** Set where newer templates are what is asked for: everything else leaves them for `msvc update`. */
  brings?: 'templates';
  /** Read after `change`, which may ask for it. */
  contract?(): Promise<GivenContract | undefined>;
  /** May ask: by then it is known that there is a service to change. */
  change(record: ServiceRecord): ServiceRecord | Promise<ServiceRecord>;
  /** What changes beside that which follows from the record: a file of the person's own. */
  also?(plan: Plan, project: Pick<Project, 'read'>): Promise<Plan>;
}

/** Every command that changes a service: reads it, plans, shows, asks where somebody can answer, writes, installs. */
export async function changeService({
  flags,
  ports,
  done,
  change,
  also,
  brings,
  contract,
}: ServiceChange): Promise<CommandResult> {
  const project = await readProject(ports.cwd, templates.version);
  const lost = flags.dropLost ? [] : lostFrom(project.record, project.base, templates);
  if (lost.length > 0) throw recordLost(lost);
  if (project.base.size === 0) throw baseLost();
  const place = await placeOf(project.root, ports);
  const placed = withPlace(project.record, place);
  if (!brings) {
    const waiting = await waitingIn({ ...project, record: placed }, templates);
    if (waiting > 0) throw changesWait(waiting);
  }
  const record = { ...(await change(placed)), generator: templates.version };
  const moves = record.packageManager !== project.record.packageManager;
  if (moves) checkManager(record.packageManager, place ?? {});
  for (const note of movedNotes(project.record, place, record.name)) ports.stderr.write(`note: ${note}\n`);
  const given = await contract?.();
  const changed = await planChange(project, record, templates, given);
  await tellOfContracts(project, changed, ports, given);
  const moved = moves ? await withoutOtherLocks(changed, project) : changed;
  const plan = also ? await also(moved, project) : moved;
  return carryOut({
    project,
    plan,
    flags,
    ports,
    done,
    needs: productionNeeds(project.record, record, manifests),
    moves,
  });
}

interface Carried {
  project: Omit<Project, 'record'>;
  plan: Plan;
  flags: ChangeFlags;
  ports: Ports;
  done(): string;
  /** Dependencies may have changed before this plan: git merged two package.json. */
  install?: true;
  /** To another package manager. */
  moves?: boolean;
  /** What to do after the tests. */
  next?: readonly string[];
  /** What production needs from now on. */
  needs?: readonly string[];
}

/** Shows a plan, asks where somebody can answer, writes it and installs what it needs. */
export async function carryOut({
  project,
  plan,
  flags,
  ports,
  done,
  install,
  moves = false,
  next: then = [],
  needs = [],
}: Carried): Promise<CommandResult> {
  const conflicts = conflictsOf(plan).length;
  const isUpToDate = isEmptyPlan(plan);
  const blocked = conflicts > 0 && !flags.writeConflicts;
  // The lock file of the one that is left goes with this plan.
  const packageManager = moves ? plan.record.packageManager : await managerInUse(plan.record, project, ports);

  if (flags.dryRun || flags.diff || flags.check || blocked) {
    const exitCode = conflicts > 0 || (flags.check && (!isUpToDate || unresolvedIn(plan))) ? 1 : 0;
    return { output: await shown(plan, project, flags, blocked ? conflicts : 0), exitCode };
  }
  // In the middle of a merge nothing is committed.
  if (!isUpToDate && then.length === 0) await tellOfUncommitted(project.root, ports);
  if (ports.ask && !flags.yes && !isUpToDate) {
    ports.stdout.write(`${tableOf(plan)}\n`);
    const message = `Go ahead with ${summarise(plan)}`;
    if (!(await ports.ask.confirm({ message, default: true }))) return { output: 'Nothing written.\n', exitCode: 0 };
  }
  await applyPlan(plan, project, { writeConflicts: flags.writeConflicts === true, signal: ports.signal });
  const where = relativePath(ports.cwd, project.root);
  const needsInstall = install === true || moves || changesDependencies(plan);
  // One package manager stumbles over what the other has laid out.
  const isLaidOut = moves && (await hasModules(project.root));
  const installed =
    needsInstall && conflicts === 0 && flags.install !== false && !isLaidOut
      ? await installStep({ directory: project.root, where, packageManager, ports })
      : 'skipped';
  const next = [
    ...(where === '' ? [] : [`cd ${quoted(where)}`]),
    ...(isLaidOut ? ['rm -rf node_modules'] : []),
    ...(needsInstall && installed !== 'done' ? [`${packageManager} install`] : []),
    `${packageManager} test`,
    ...then,
  ];
  const exitCode = conflicts > 0 ? 1 : installed === 'failed' ? 3 : 0;
  if (flags.json) return { output: planJson(plan, { next, applied: true, directory: project.root }), exitCode };
  if (isUpToDate) return { output: tableOf(plan), exitCode };
  const table = ports.ask && !flags.yes ? '' : `${tableOf(plan)}\n`;
  const end = conflicts > 0 ? `${resolveText(conflicts)}\n` : `${capital(done())}: ${summarise(plan)}.\n`;
  return { output: `${table}${end}\n${nextText(next, ports.stdout)}${productionText(needs)}`, exitCode };
}

/** What people use here, by the folder whose lock file counts; they are told where the service was made for another. */
async function managerInUse(
  { repository, packageManager: recorded }: ServiceRecord,
  { root }: Pick<Project, 'root'>,
  { stderr }: Ports,
): Promise<PackageManager> {
  const folder =
    repository?.workspace === undefined ? root : resolve(root, upFrom(repository.folder), repository.workspace);
  const { packageManager, note } = packageManagerInUse(recorded, await readPackageManager(folder));
  if (note) stderr.write(`note: ${note}\n`);
  return packageManager;
}

/** No reason to refuse, since no line of anybody is lost; but the change is easier to review, and to undo, by itself. */
async function tellOfUncommitted(root: string, ports: Ports): Promise<void> {
  const count = await countUncommitted(root, { env: ports.env, signal: ports.signal });
  if (count) ports.stderr.write(`note: ${files(count)} not committed yet; git will show them mixed with this change\n`);
}

async function shown(
  plan: Plan,
  project: Pick<Project, 'root'>,
  flags: ChangeFlags,
  blocking: number,
): Promise<string> {
  if (flags.json) return planJson(plan, { next: [], applied: false, directory: project.root });
  const table = tableOf(plan);
  const diff = flags.diff ? `\n${await diffPlan(plan)}` : '';
  const why = blocking > 0 ? `\n${conflictText(blocking)}\n` : '';
  return `${table}${diff}${why}`;
}

function tableOf(plan: Plan): string {
  if (isEmptyPlan(plan) && !unresolvedIn(plan)) return 'Nothing to do: every file is as it should be.\n';
  return previewTable(plan) || 'No file of yours changes, only what .msvc/ remembers.\n';
}

const recordLost = (lost: readonly Lost[]): UserError =>
  new UserError({
    code: 'RECORD_LOST',
    what: `.msvc/service.json no longer lists ${lost.map(({ noun, name }) => `the ${noun} ${name}`).join(', ')}`,
    why: 'Its files are still here, so a merge or an edit may have lost the entry; going on would delete them.',
    fix: 'After a merge: msvc resolve. If they are to go: msvc update --drop-lost',
  });

const baseLost = (): UserError =>
  new UserError({
    code: 'BASE_LOST',
    what: 'The folder .msvc/base is empty or gone',
    why: 'It holds every file as it was generated: without it, nobody can tell your lines from ours.',
    fix: 'Take it back from git: git checkout -- .msvc/base',
  });

const changesWait = (count: number): UserError =>
  new UserError({
    code: 'CHANGES_WAIT',
    what: `${files(count)} of this service would change by themselves`,
    why: 'Since it was last brought up to date, the templates have moved on, or it was moved, or .msvc/service.json edited.',
    fix: 'Bring that first, as a change of its own: msvc update (--dry-run shows it)',
  });

const files = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

const conflictText = (count: number): string =>
  `${files(count)} changed on both sides, so nothing was written. Commit what you have, then
run this again with --write-conflicts: both versions between markers, as git does.`;

const resolveText = (count: number): string =>
  `Written, with both versions between <<<<<<< and >>>>>>> in ${files(count)}: keep of each
what you want.`;

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
