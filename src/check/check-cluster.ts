import { UserError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Check } from './checks/define/check.ts';
import type { CheckRun, GroupResource } from './contract.ts';
import type { WaiverRule } from './findings/waivers.ts';
import { alwaysRead } from './inventory/always-read.ts';
import type { LabelSelector } from './inventory/select-subjects.ts';
import { runChecks } from './run-checks.ts';
import type { ClusterOptions } from './sources/cluster/cluster.ts';
import type { Snapshot } from './sources/snapshot.ts';

/** What one run is asked to judge, where it is read, and what is kept of it. */
export interface CheckInputs {
  cluster: Omit<ClusterOptions, 'parts'>;
  checks: readonly Check[];
  waivers: readonly WaiverRule[];
  selector?: LabelSelector;
  /** Folder of a recording or of manifests, judged instead of a cluster. */
  from?: string;
  /** Manifests of standard input: `from` is then `-`. */
  text?: string;
  /** A broken file among manifests is told, and the rest judged. */
  keepGoing?: true;
  /** The recording that ships with the package. */
  demo?: true;
  /** Folder that the snapshot is written to, redacted. */
  record?: string;
  /** Version of this tool, for the report. */
  version?: string;
}

/** Every list that these checks may look at; the others are not asked for. */
export const partsOf = (checks: readonly Check[]): ReadonlySet<GroupResource> =>
  new Set([...alwaysRead, ...checks.flatMap(({ reads }) => [...reads.needs, ...reads.uses])]);

/** Reads, judges, and keeps a recording where one is wanted. */
export async function checkCluster(inputs: CheckInputs, ports: Ports): Promise<CheckRun> {
  const now = ports.now();
  const snapshot = await read(inputs, ports);
  if (inputs.record !== undefined) {
    const { writeRecording } = await import('./sources/recording/recording.ts');
    await writeRecording(snapshot, inputs.record);
  }
  return runChecks(snapshot, {
    startedAt: now.toISOString(),
    today: now.toISOString().slice(0, 10),
    checks: inputs.checks,
    waivers: inputs.waivers,
    ...(inputs.version ? { version: inputs.version } : {}),
    ...(inputs.selector ? { selector: inputs.selector } : {}),
  });
}

async function read(
  { from, text, keepGoing, demo, record, cluster, checks }: CheckInputs,
  ports: Ports,
): Promise<Snapshot> {
  if (demo) {
    const { demoSnapshot } = await import('./sources/recording/demo.ts');
    return withScope(demoSnapshot(), cluster.namespaces);
  }
  if (from !== undefined) {
    const { readFrom } = await import('./sources/from.ts');
    const options = { ...(text === undefined ? {} : { text }), ...(keepGoing ? { keepGoing } : {}) };
    return withScope(await readFrom(from, options), cluster.namespaces);
  }
  const { readCluster } = await import('./sources/cluster/cluster.ts');
  // A recording must answer for every check, whatever this run judges.
  return readCluster({ ...cluster, ...(record === undefined ? { parts: partsOf(checks) } : {}) }, ports);
}

/**
 * Narrows what is judged of a recording to the namespaces that were asked for.
 *
 * @throws UserError UNKNOWN_NAMESPACE where nothing of one was recorded
 */
function withScope(snapshot: Snapshot, namespaces: ClusterOptions['namespaces']): Snapshot {
  if (namespaces === undefined) return snapshot;
  if (namespaces === 'all') return { ...snapshot, scope: null };
  const known = new Set<string>();
  for (const { kind, metadata } of [...snapshot.objects.values()].flat())
    known.add(kind === 'Namespace' ? metadata.name : (metadata.namespace ?? ''));
  known.delete('');
  const unknown = namespaces.find((name) => !known.has(name));
  if (unknown !== undefined) {
    const names = [...known].sort();
    throw new UserError({
      code: 'UNKNOWN_NAMESPACE',
      what: `There is nothing of a namespace "${unknown}" in ${snapshot.source.context}`,
      why: `It holds ${names.slice(0, 10).join(', ') || 'no namespace'}${names.length > 10 ? ` and ${names.length - 10} more` : ''}.`,
      fix: names[0] ? `Choose one: -n ${names[0]}` : 'Leave -n out.',
    });
  }
  return { ...snapshot, scope: [...namespaces].sort() };
}
