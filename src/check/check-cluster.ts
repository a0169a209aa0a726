import { UserError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Check } from './checks/define/check.ts';
import type { CheckRun, GroupResource } from './contract.ts';
import type { WaiverRule } from './findings/waivers.ts';
import { alwaysRead } from './inventory/always-read.ts';
import { buildFacts, type Facts, withObservations } from './inventory/facts.ts';
import { type ProbeWishes, planProbes } from './inventory/probing/plan-probes.ts';
import { monitorParts } from './inventory/probing/scraped-at.ts';
import { type LabelSelector, selectSubjects } from './inventory/select-subjects.ts';
import { runChecks } from './run-checks.ts';
import type { ClusterOptions } from './sources/cluster/cluster.ts';
import type { PlannedPod } from './sources/probes/planned.ts';
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
  /** What running pods are asked, beyond the lists of the API server. */
  probes?: ProbeWishes;
  /** Version of this tool, for the report. */
  version?: string;
}

/** Every list that these checks may look at, and what says where pods are to be asked; the others are not asked for. */
export const partsOf = (checks: readonly Check[], probes?: ProbeWishes): ReadonlySet<GroupResource> =>
  new Set([
    ...alwaysRead,
    ...checks.flatMap(({ reads }) => [...reads.needs, ...reads.uses]),
    ...(probes?.probe ? monitorParts : []),
  ]);

/** Reads, judges, and keeps a recording where one is wanted. */
export async function checkCluster(inputs: CheckInputs, ports: Ports): Promise<CheckRun> {
  const now = ports.now();
  const { snapshot, facts } = await observed(await read(inputs, ports), inputs, ports);
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
    ...(facts ? { facts } : {}),
  });
}

/** The requests that a run would send to pods, none of which is sent. */
export async function plannedProbes(inputs: CheckInputs, ports: Ports): Promise<PlannedPod[]> {
  const snapshot = await read(inputs, ports);
  return inputs.probes ? planned(buildFacts(snapshot), inputs.probes, inputs) : [];
}

const planned = (whole: Facts, wishes: ProbeWishes, { selector }: CheckInputs): PlannedPod[] =>
  planProbes(selector ? selectSubjects(whole, selector) : whole, wishes);

/** The snapshot with what pods showed; and the facts, where whom to ask had to be known. */
async function observed(
  snapshot: Snapshot,
  inputs: CheckInputs,
  ports: Ports,
): Promise<{ snapshot: Snapshot; facts?: Facts }> {
  const { probes, cluster, version = 'unreleased' } = inputs;
  if (!probes || probes.dryRun) return { snapshot };
  const { observePods } = await import('./sources/probes/observe-pods.ts');
  const facts = buildFacts(snapshot);
  const observations = await observePods(planned(facts, probes, inputs), cluster, version, ports);
  return { snapshot: { ...snapshot, observations }, facts: withObservations(facts, observations) };
}

async function read(
  { from, text, keepGoing, demo, record, cluster, checks, probes }: CheckInputs,
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
  return readCluster({ ...cluster, ...(record === undefined ? { parts: partsOf(checks, probes) } : {}) }, ports);
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
