import type { CheckResult, ReadOutcome, Status, Summary } from '../contract.ts';
import { subjectParts } from '../inventory/facts.ts';

const percent = (part: number, whole: number): number => Math.round((1000 * part) / whole) / 10;

/** Lists that make subjects of the scope, and failed: what was not seen may be anything, so there is no score. */
export const failedSubjectReads = (reads: readonly ReadOutcome[], scope: readonly string[] | null): ReadOutcome[] =>
  reads
    .filter(({ kind, outcome }) => subjectParts.includes(kind) && ['forbidden', 'error', 'partial'].includes(outcome))
    .filter(({ kind, namespace }) =>
      namespace === undefined
        ? // A user of some namespaces is refused the cluster-wide list and then reads each namespace.
          scope === null || !reads.some((read) => read.kind === kind && read.namespace !== undefined)
        : scope === null || scope.includes(namespace),
    );

/** Counts services, never the line of the cluster. */
export function summarize(
  results: readonly CheckResult[],
  reads: readonly ReadOutcome[],
  scope: readonly string[] | null,
  checkIds: readonly string[],
): Summary {
  const services = results.filter(({ subject }) => subject.kind !== 'Cluster');
  const count = (list: readonly CheckResult[], status: Status): number =>
    list.filter((result) => result.status === status).length;
  const applicable = services.length - count(services, 'n-a');
  const nothing = applicable === 0 || failedSubjectReads(reads, scope).length > 0;
  return {
    score: nothing ? null : percent(count(services, 'pass'), applicable),
    coverage: nothing ? null : percent(applicable - count(services, 'unknown'), applicable),
    items: checkIds.map((check) => {
      const own = services.filter((result) => result.check === check);
      return {
        check,
        pass: count(own, 'pass'),
        warn: count(own, 'warn'),
        fail: count(own, 'fail'),
        unknown: count(own, 'unknown'),
        'n-a': count(own, 'n-a'),
        waived: own.filter(({ findings }) => findings.some(({ waived }) => waived)).length,
      };
    }),
  };
}
