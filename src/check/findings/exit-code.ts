import type { CheckRun } from '../contract.ts';

export type FailOn = 'fail' | 'warn' | 'never';

/** 1 for findings that nobody waived, 3 for a run that saw too little, else 0. The cluster's own lines count for neither. */
export function exitCode(run: CheckRun, failOn: FailOn, minCoverage: number): 0 | 1 | 3 {
  const blocking = { fail: ['fail'], warn: ['warn', 'fail'], never: [] as string[] }[failOn];
  const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
  if (services.some(({ findings }) => findings.some(({ status, waived }) => !waived && blocking.includes(status))))
    return 1;
  // No coverage at all: nothing was judged, or lists that name services could not be read.
  return run.summary.coverage === null || run.summary.coverage < minCoverage ? 3 : 0;
}
