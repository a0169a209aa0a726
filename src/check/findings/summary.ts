import type { CheckResult, CheckRun, ReadOutcome, Status, Summary } from '../contract.ts';
import { subjectParts } from '../inventory/facts.ts';

const percent = (part: number, whole: number): number => Math.round((1000 * part) / whole) / 10;

/** Lists that make subjects of the scope, and failed: what was not seen may be anything, so there is no score. */
const failedSubjectReads = (reads: readonly ReadOutcome[], scope: readonly string[] | null): ReadOutcome[] =>
  reads
    .filter(
      ({ resource, outcome }) => subjectParts.includes(resource) && ['forbidden', 'error', 'partial'].includes(outcome),
    )
    .filter(({ resource, namespace }) =>
      namespace === undefined
        ? // A user of some namespaces is refused the cluster-wide list and then reads each namespace.
          scope === null || !reads.some((read) => read.resource === resource && read.namespace !== undefined)
        : scope === null || scope.includes(namespace),
    );

/** What a folder could not be asked for: templates, charts. That its lists are partial is its nature. */
const unreadFiles = (reads: readonly ReadOutcome[]): ReadOutcome[] =>
  reads.filter(({ outcome }) => outcome === 'error');

/**
 * Counts services, never the line of the cluster. A folder of manifests has a coverage and no score: it says what
 * somebody wants, and a score is about what runs.
 */
export function summarize(
  results: readonly CheckResult[],
  source: CheckRun['source']['kind'],
  reads: readonly ReadOutcome[],
  scope: readonly string[] | null,
  checkIds: readonly string[],
): Summary {
  const services = results.filter(({ subject }) => subject.kind !== 'Cluster');
  const count = (list: readonly CheckResult[], status: Status): number =>
    list.filter((result) => result.status === status).length;
  const applicable = services.length - count(services, 'n-a');
  const isFolder = source === 'manifests' || source === 'repository';
  const failed = isFolder ? unreadFiles(reads) : failedSubjectReads(reads, scope);
  const nothing = applicable === 0 || failed.length > 0;
  return {
    score: nothing || isFolder ? null : percent(count(services, 'pass'), applicable),
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
