import { ignoreAnnotation, ignorePrefix } from '../../marks.ts';
import type { CheckResult, Finding, Waiver } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import { globMatches } from '../inventory/globs.ts';
import type { Component } from '../inventory/graph/components.ts';
import { text } from '../inventory/kubernetes/fields.ts';
import { workloadName } from '../inventory/kubernetes/workloads.ts';
import { memoizeByIdentity } from '../inventory/memoize.ts';
import { perRun } from '../inventory/per-run.ts';

/** One entry of `.msvc/check.yaml`. */
export interface WaiverRule {
  check: string;
  reason?: string;
  namespace?: string;
  /** A name, `*` standing for any run of characters. */
  name?: string;
  why: string;
  expires?: string;
  source: string;
}

/** Marks findings that somebody accepted. A waiver never changes a status: it only keeps the exit code quiet. */
export function applyWaivers(
  results: readonly CheckResult[],
  facts: Facts,
  rules: readonly WaiverRule[],
  today: string,
): CheckResult[] {
  const components = new Map(
    facts.subjects.map((component) => [`${component.subject.kind} ${component.key}`, component]),
  );
  return results.map((result) => {
    // Most results of a large cluster have nothing to waive, or nobody waives it: those stay the objects that they are.
    if (result.findings.every(({ status }) => status === 'note')) return result;
    const component = components.get(`${result.subject.kind} ${result.subject.namespace ?? ''}/${result.subject.name}`);
    const annotated = component && annotationWaiver(result.check, component, facts);
    const findings = result.findings.map((finding) => {
      const waived = finding.status === 'note' ? undefined : (ruleFor(rules, result, finding, today) ?? annotated);
      return waived ? { ...finding, waived } : finding;
    });
    return findings.some(({ waived }) => waived) ? { ...result, findings } : result;
  });
}

/** Those that may carry an annotation that waives something, and do. */
interface Holder {
  at: string;
  annotations: Readonly<Record<string, string>>;
}

const namespaces = perRun(
  (facts) => new Map(facts.list('namespaces').map(({ metadata }) => [metadata.name, metadata.annotations])),
);

const holdersOf = perRun((facts) =>
  memoizeByIdentity(({ key, namespace, services, workloads }: Component): readonly Holder[] => {
    const all = [
      ...services.map(({ metadata }) => ({ at: `Service ${key}`, annotations: metadata.annotations })),
      ...workloads.map((workload) => ({ at: workloadName(workload), annotations: workload.annotations })),
      ...workloads.map((workload) => ({ at: workloadName(workload), annotations: workload.podAnnotations })),
      { at: `Namespace ${namespace}`, annotations: namespaces(facts).get(namespace) },
    ];
    return all.flatMap(({ at, annotations = {} }) =>
      Object.keys(annotations).some((name) => name.startsWith(ignorePrefix)) ? [{ at, annotations }] : [],
    );
  }),
);

function annotationWaiver(check: string, component: Component, facts: Facts): Waiver | undefined {
  const name = ignoreAnnotation(check);
  for (const { at, annotations } of holdersOf(facts)(component)) {
    // An empty reason waives nothing: the why is the point of a waiver.
    const why = text(annotations[name])?.trim();
    if (why) return { why, source: `annotation on ${at}` };
  }
  return undefined;
}

/** Whether a rule is about that finding, on whatever day. */
export const matchesRule = (
  { check, reason, namespace, name }: WaiverRule,
  result: CheckResult,
  finding: Finding,
): boolean =>
  check === result.check &&
  (reason === undefined || reason === finding.reason) &&
  (namespace === undefined || namespace === result.subject.namespace) &&
  (name === undefined || globMatches(name, result.subject.name));

function ruleFor(
  rules: readonly WaiverRule[],
  result: CheckResult,
  finding: Finding,
  today: string,
): Waiver | undefined {
  const rule = rules.find(
    (one) => matchesRule(one, result, finding) && (one.expires === undefined || today <= one.expires),
  );
  return rule && { why: rule.why, source: rule.source, ...(rule.expires ? { expires: rule.expires } : {}) };
}
