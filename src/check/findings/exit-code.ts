import type { CheckRun, Finding } from '../contract.ts';
import { blockingStatuses, type FailOn, newFaults } from '../fail-on.ts';

/** 1 for findings that nobody waived, 3 for a run that saw too little, else 0. The cluster's own lines count for neither. */
export function exitCode(run: CheckRun, failOn: FailOn, minCoverage: number, onlyNew = false): 0 | 1 | 3 {
  const counted = onlyNew && run.changes ? newFaults(run.changes) : undefined;
  const blocking = blockingStatuses(failOn);
  const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
  const isBlocking = ({ id, status, waived }: Finding): boolean =>
    !waived && blocking.includes(status) && (counted?.has(id) ?? true);
  if (services.some(({ findings }) => findings.some(isBlocking))) return 1;
  // What was seen then and is not now may be worse.
  if (counted && (run.changes?.lost ?? []).length > 0) return 3;
  // No coverage at all: nothing was judged, or lists that name services could not be read.
  return run.summary.coverage === null || run.summary.coverage < minCoverage ? 3 : 0;
}
