import type { Check } from './checks/define/check.ts';
import { checks as allChecks } from './checks/index.ts';
import type { CheckResult, CheckRun, IdleWaiver } from './contract.ts';
import { clusterLine } from './findings/cluster-line.ts';
import { idleAnnotations, idleRules } from './findings/idle-waivers.ts';
import { graphWithPlaces, withPlaces } from './findings/places.ts';
import { summarize } from './findings/summary.ts';
import { applyWaivers, type WaiverRule } from './findings/waivers.ts';
import { graphOf } from './graph/graph-of.ts';
import { buildFacts, type Facts } from './inventory/facts.ts';
import { isSystemNamespace } from './inventory/kubernetes/system-namespaces.ts';
import { keyOf } from './inventory/kubernetes/types.ts';
import { compare } from './inventory/kubernetes/workloads.ts';
import { type LabelSelector, selectSubjects } from './inventory/select-subjects.ts';
import type { Snapshot } from './sources/snapshot.ts';

/** What a run is told beside the snapshot: no check looks at a clock. */
export interface RunOptions {
  startedAt: string;
  /** Today, for waivers that end: ISO date. */
  today: string;
  checks?: readonly Check[];
  selector?: LabelSelector;
  waivers?: readonly WaiverRule[];
  /** Of this tool. */
  version?: string;
}

/** Judges a snapshot: facts once, every check over them, sorted once. Pure. */
export function runChecks(snapshot: Snapshot, options: RunOptions): CheckRun {
  const chosen = options.checks ?? allChecks;
  const whole = buildFacts(snapshot);
  const facts: Facts = options.selector ? selectSubjects(whole, options.selector) : whole;
  const results: CheckResult[] = [];
  const lines: CheckResult[] = [];
  for (const check of chosen) {
    const verdicts = check.evaluate(facts).map((verdict) => ({ check: check.id, ...verdict }));
    const waived = applyWaivers(verdicts, facts, options.waivers ?? [], options.today);
    results.push(...waived);
    // Where only some services are asked for, what belongs to none of them was not asked for either.
    const dangling = options.selector ? [] : (check.dangling?.(facts) ?? []);
    lines.push(clusterLine(check, waived, snapshot.source.context, dangling));
  }
  const order = new Map(chosen.map(({ id }, index) => [id, index]));
  results.sort(
    (a, b) =>
      compare(a.subject.namespace ?? '', b.subject.namespace ?? '') ||
      compare(a.subject.name, b.subject.name) ||
      compare(a.subject.kind, b.subject.kind) ||
      (order.get(a.check) ?? 0) - (order.get(b.check) ?? 0),
  );
  const graph = graphOf(facts);
  const { places } = snapshot;
  return {
    schema: 'msvc.check/1',
    source: snapshot.source,
    tool: options.version ?? 'unreleased',
    startedAt: options.startedAt,
    results: places ? withPlaces([...results, ...lines], places) : [...results, ...lines],
    graph: places ? graphWithPlaces(graph, places) : graph,
    notJudged: [...facts.notJudged],
    idleWaivers: idleWaivers(facts, results, chosen, options),
    ...(facts.subjects.length === 0 ? { elsewhere: namespacesWithServices(whole) } : {}),
    reads: [...snapshot.reads],
    summary: summarize(
      results,
      snapshot.source.kind,
      snapshot.reads,
      snapshot.scope,
      chosen.map(({ id }) => id),
    ),
  };
}

function idleWaivers(
  facts: Facts,
  results: readonly CheckResult[],
  chosen: readonly Check[],
  { waivers = [], today, selector }: RunOptions,
): IdleWaiver[] {
  const checkIds = chosen.map(({ id }) => id);
  return [
    ...idleRules(waivers, results, { today, checkIds, scope: facts.scope, isPart: selector !== undefined }),
    ...idleAnnotations(facts, results, { all: allChecks.map(({ id }) => id), chosen: checkIds }),
  ];
}

const namespacesWithServices = (facts: Facts): string[] =>
  [
    ...new Set(
      facts
        .list('services')
        .filter((service) => keyOf(service) !== 'default/kubernetes')
        .map(({ metadata }) => metadata.namespace ?? ''),
    ),
  ]
    .filter((namespace) => namespace !== '' && !isSystemNamespace(namespace))
    .sort();
