import type { Check } from './checks/define/check.ts';
import { checks as allChecks } from './checks/index.ts';
import type { CheckResult, CheckRun, IdleWaiver, NotLookedAt, NotShown, Verdict } from './contract.ts';
import { clusterLine } from './findings/cluster-line.ts';
import { idleAnnotations, idleRules } from './findings/idle-waivers.ts';
import { withoutOpen } from './findings/left-open.ts';
import { graphWithPlaces, placed, withPlaces } from './findings/places.ts';
import { summarize } from './findings/summary.ts';
import { applyWaivers, type WaiverRule } from './findings/waivers.ts';
import { graphOf } from './graph/graph-of.ts';
import { buildFacts, type Facts } from './inventory/facts.ts';
import { isSystemNamespace } from './inventory/kubernetes/system-namespaces.ts';
import { keyOf } from './inventory/kubernetes/types.ts';
import { compare } from './inventory/kubernetes/workloads.ts';
import { type LabelSelector, selectSubjects } from './inventory/select-subjects.ts';
import { isPlanned } from './inventory/written.ts';
import type { Snapshot } from './sources/snapshot.ts';

/** What a run is told beside the snapshot: no check looks at a clock. */
export interface RunOptions {
  startedAt: string;
  /** Today, for waivers that end: ISO date. */
  today: string;
  checks?: readonly Check[];
  selector?: LabelSelector;
  waivers?: readonly WaiverRule[];
  /** What only a platform could answer is left out instead of unknown: none is around what is judged. */
  leaveOpen?: true;
  /** Of this tool. */
  version?: string;
  /** Of this snapshot, where they are known already. */
  facts?: Facts;
}

/** Judges a snapshot: facts once, every check over them, sorted once. Pure. */
export function runChecks(snapshot: Snapshot, options: RunOptions): CheckRun {
  const chosen = options.checks ?? allChecks;
  const whole = options.facts ?? buildFacts(snapshot);
  const chosenOf: Facts = options.selector ? selectSubjects(whole, options.selector) : whole;
  const facts: Facts = snapshot.planned ? onlyPlanned(chosenOf) : chosenOf;
  const notLookedAt: NotLookedAt[] = [];
  const notShown: NotShown[] = [];
  const shown: Check[] = [];
  const results: CheckResult[] = [];
  const lines: CheckResult[] = [];
  for (const check of chosen) {
    const evaluated = check
      .evaluate(facts)
      .map((verdict) => ({ check: check.id, ...verdict, ...levelOf(verdict, snapshot) }));
    const { verdicts, left } = options.leaveOpen ? withoutOpen(evaluated, check) : { verdicts: evaluated, left: [] };
    if (check.shownBy === undefined) notLookedAt.push(...left);
    else {
      const services = facts.subjects.length - verdicts.length;
      if (services > 0) notShown.push({ check: check.id, services, shownBy: check.shownBy });
      // That it does not apply to some decides nothing about the others.
      if (verdicts.every(({ status }) => status === 'n-a')) continue;
    }
    shown.push(check);
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
  const place = snapshot.places && placed(snapshot.places);
  return {
    schema: 'msvc.check/1',
    source: snapshot.source,
    tool: options.version ?? 'unreleased',
    startedAt: options.startedAt,
    results: place ? withPlaces([...results, ...lines], place) : [...results, ...lines],
    graph: place ? graphWithPlaces(graph, place) : graph,
    ...(options.leaveOpen ? { notLookedAt } : {}),
    ...(notShown.length > 0 ? { notShown } : {}),
    notJudged: [...facts.notJudged],
    idleWaivers: idleWaivers(facts, results, shown, options),
    ...(facts.subjects.length === 0 ? { elsewhere: namespacesWithServices(whole) } : {}),
    reads: [...snapshot.reads],
    ...(snapshot.observations ? { observations: [...snapshot.observations] } : {}),
    summary: summarize(
      results,
      snapshot.source.kind,
      snapshot.reads,
      snapshot.scope,
      shown.map(({ id }) => id),
    ),
  };
}

/** What is still to be applied was observed by nobody. */
const levelOf = ({ level }: Verdict, { planned }: Snapshot): Pick<Verdict, 'level'> => ({
  level: planned && level === 'observed' ? 'wired' : level,
});

/** What is around them was judged when it came there. */
const onlyPlanned = (facts: Facts): Facts => ({
  ...facts,
  subjects: facts.subjects.filter((component) => isPlanned(component, facts)),
  notJudged: facts.notJudged.filter(({ kind, namespace, name }) =>
    facts.isPlanned({ apiVersion: '', kind, metadata: { name, ...(namespace ? { namespace } : {}) } }),
  ),
});

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
