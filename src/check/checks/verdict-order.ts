import type { Finding, Status } from '../contract.ts';

const ranks: Readonly<Record<Status | Finding['status'], number>> = {
  'n-a': 0,
  note: 0,
  pass: 1,
  warn: 2,
  unknown: 3,
  fail: 4,
};

/**
 * Which of several findings decides. A proven fault outweighs everything; what nobody could know outweighs a smaller
 * fault, because it may hide a greater one.
 */
export const rankOf = (status: Status | Finding['status']): number => ranks[status];
