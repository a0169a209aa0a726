import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import packageJson from '../../../../package.json' with { type: 'json' };
import type { CheckInputs } from '../../../check/check-cluster.ts';
import type { Check } from '../../../check/checks/define/check.ts';
import { checks as allChecks } from '../../../check/checks/index.ts';
import { parseCheckConfig } from '../../../check/findings/check-config.ts';
import type { WaiverRule } from '../../../check/findings/waivers.ts';
import type { ProbeWishes } from '../../../check/inventory/probing/plan-probes.ts';
import { parseSelector } from '../../../check/inventory/select-subjects.ts';
import { UserError } from '../../../errors.ts';
import { nearest } from '../../../nearest.ts';
import type { Ports } from '../../../ports.ts';

export interface CheckFlags {
  namespace?: readonly string[] | undefined;
  allNamespaces?: boolean | undefined;
  selector?: string | undefined;
  only?: readonly string[] | undefined;
  skip?: readonly string[] | undefined;
  context?: readonly string[] | undefined;
  kubeconfig?: string | undefined;
  from?: string | undefined;
  keepGoing?: boolean | undefined;
  waivers?: string | undefined;
  demo?: boolean | undefined;
  record?: string | undefined;
  probe?: boolean | undefined;
  sampleLogs?: boolean | undefined;
  dryRun?: boolean | undefined;
}

const ids = allChecks.map(({ id }) => id);

/** The check of that id. @throws UserError UNKNOWN_CHECK with the nearest that there is */
export function knownCheck(id: string): Check {
  const found = allChecks.find((check) => check.id === id);
  if (found) return found;
  const near = nearest(id, ids);
  throw new UserError({
    code: 'UNKNOWN_CHECK',
    what: `There is no check "${id}"`,
    why: `The checks are ${ids.join(', ')}.`,
    fix: near ? `Did you mean ${near}?` : 'Choose one of them; msvc explain tells what each judges.',
  });
}

function chosen({ only, skip }: CheckFlags): readonly Check[] {
  const wanted = only ? new Set(only.map(knownCheck)) : new Set(allChecks);
  for (const id of skip ?? []) wanted.delete(knownCheck(id));
  if (wanted.size === 0)
    throw new UserError({
      code: 'NO_CHECK',
      what: 'No check is left to run',
      why: '--only and --skip leave none.',
      fix: 'Leave one of them out.',
    });
  return allChecks.filter((check) => wanted.has(check));
}

function namespaces({ namespace, allNamespaces }: CheckFlags): readonly string[] | 'all' | undefined {
  if (namespace && allNamespaces)
    throw new UserError({
      code: 'NAMESPACES',
      what: '-n and -A exclude one another',
      why: 'One names namespaces, the other means all of them.',
      fix: 'Leave one of them out.',
    });
  const strange = namespace?.find((name) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name));
  if (strange !== undefined)
    throw new UserError({
      code: 'NAMESPACES',
      what: `"${strange}" cannot be a namespace`,
      why: 'Names of namespaces are lower-case letters, digits and hyphens, at most 63.',
      fix: 'See their names: kubectl get namespaces',
    });
  return allNamespaces ? 'all' : namespace;
}

/** Nearest `.msvc/check.yaml` from a folder up to its repository's root; outside of one, of the folder alone. */
function checkConfigAbove(folder: string): string | undefined {
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    above.push(join(at, '.msvc', 'check.yaml'));
    if (existsSync(join(at, '.git'))) break;
    if (dirname(at) === at) return above.slice(0, 1).find((file) => existsSync(file));
  }
  return above.find((file) => existsSync(file));
}

/** What was accepted: of the file that was named, else of the nearest `.msvc/check.yaml`. */
function waiversOf({ waivers }: CheckFlags, { cwd }: Ports): WaiverRule[] {
  const file = waivers === undefined ? checkConfigAbove(cwd) : resolve(cwd, waivers);
  if (file === undefined) return [];
  const shown = waivers ?? (relative(cwd, file) || file);
  return parseCheckConfig(textOf(file, shown), shown, allChecks);
}

function textOf(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError({
      code: 'WAIVERS',
      what: `${shown} cannot be read`,
      why: error instanceof Error ? error.message : String(error),
      fix: 'Name a file of waivers: --waivers .msvc/check.yaml',
      cause: error,
    });
  }
}

const wishesOf = ({ probe, sampleLogs, dryRun }: CheckFlags): ProbeWishes => ({
  probe: probe === true,
  sampleLogs: sampleLogs === true,
  ...(dryRun ? { dryRun } : {}),
});

/** @param folder the option that names something else than a cluster */
function refuseProbes(flags: CheckFlags, folder: string | undefined, asksPods: boolean): void {
  if (asksPods && folder !== undefined)
    throw new UserError({
      code: 'NOTHING_RUNS_THERE',
      what: `${flags.probe ? '--probe' : '--sample-logs'} asks running pods, and ${folder} has none`,
      why: 'What a recording holds of pods that were asked is judged without it.',
      fix: 'Leave it out, or name a cluster: --context NAME.',
    });
  if (flags.dryRun && !asksPods)
    throw new UserError({
      code: 'DRY_RUN',
      what: '--dry-run is about requests to pods',
      why: 'Without --probe or --sample-logs none is sent: everything else only lists what the API server holds.',
      fix: 'For example: msvc check-cluster --probe --sample-logs --dry-run',
    });
}

/** @throws UserError (exit 2) for anything that cannot be meant */
export function checkInputs(flags: CheckFlags, ports: Ports): CheckInputs {
  const folder = flags.demo ? '--demo' : flags.from !== undefined ? '--from' : undefined;
  if (folder && (flags.context?.[0] ?? flags.kubeconfig ?? (flags.demo ? flags.from : undefined)) !== undefined)
    throw new UserError({
      code: 'TWO_SOURCES',
      what: `${folder} and another source exclude one another`,
      why: '--from judges a folder, --demo what ships with msvc; --context and --kubeconfig name a cluster.',
      fix: 'Leave one of them out.',
    });
  if (flags.keepGoing && flags.from === undefined)
    throw new UserError({
      code: 'KEEP_GOING',
      what: '--keep-going is about files',
      why: 'It tells of broken manifests and judges the others; a cluster has none.',
      fix: 'Name a folder: --from FOLDER --keep-going. Or leave it out.',
    });
  const asksPods = flags.probe === true || flags.sampleLogs === true;
  refuseProbes(flags, folder, asksPods);
  const selector = flags.selector === undefined ? undefined : parseSelector(flags.selector);
  if (flags.selector !== undefined && selector === undefined)
    throw new UserError({
      code: 'SELECTOR',
      what: `"${flags.selector}" is no label selector`,
      why: 'It could not be read.',
      fix: 'Write it as -l app=orders,tier!=cache',
    });
  return {
    cluster: { context: flags.context?.[0], kubeconfig: flags.kubeconfig, namespaces: namespaces(flags) },
    checks: chosen(flags),
    waivers: waiversOf(flags, ports),
    version: packageJson.version,
    ...(selector ? { selector } : {}),
    ...(asksPods ? { probes: wishesOf(flags) } : {}),
    ...(flags.demo ? { demo: true as const } : {}),
    ...(flags.from !== undefined ? { from: flags.from === '-' ? '-' : resolve(ports.cwd, flags.from) } : {}),
    ...(flags.keepGoing ? { keepGoing: true as const } : {}),
    ...(flags.record !== undefined ? { record: resolve(ports.cwd, flags.record) } : {}),
  };
}
