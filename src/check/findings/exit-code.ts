import type { CheckRun } from '../contract.ts';
import { failedSubjectReads } from './summary.ts';

export type FailOn = 'fail' | 'warn' | 'never';

/** 1 for findings that nobody waived, 3 for a run that saw too little, else 0. The cluster's own lines count for neither. */
export function exitCode(run: CheckRun, failOn: FailOn, minCoverage: number): 0 | 1 | 3 {
  const blocking = failOn === 'warn' ? ['warn', 'fail'] : failOn === 'fail' ? ['fail'] : [];
  const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
  if (services.some(({ findings }) => findings.some(({ status, waived }) => !waived && blocking.includes(status))))
    return 1;
  if (run.summary.coverage === null || run.summary.coverage < minCoverage) return 3;
  return failedSubjectReads(run.reads).length > 0 ? 3 : 0;
}
