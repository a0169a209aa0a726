import { type Reason, statusesOf } from '../../../src/check/checks/define/reasons.ts';
import { checks } from '../../../src/check/checks/index.ts';
import type { CheckRun } from '../../../src/check/contract.ts';
import { clusterReasons } from '../../../src/check/findings/cluster-line.ts';

const listed = new Set(
  checks.flatMap(({ id, reasons }) =>
    Object.entries({ ...reasons, ...clusterReasons }).flatMap(([code, reason]: [string, Reason]) =>
      statusesOf(reason).map((status) => `${id} ${status} ${code}`),
    ),
  ),
);

/** All that a run says, as "health-checks fail NO_PROBES". */
export const saidIn = (run: CheckRun): string[] =>
  run.results.flatMap(({ check, status, reason, findings }) =>
    [{ status, reason }, ...findings].map((one) => `${check} ${one.status} ${one.reason}`),
  );

/** What a run says and no table of reasons lists, with that status. */
export const unlistedReasons = (run: CheckRun): string[] => [
  ...new Set(saidIn(run).filter((said) => !listed.has(said))),
];
