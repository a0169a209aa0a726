import type { Finding, Status } from '../../contract.ts';

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
 * fault, because it may hide a greater one; where it can hide no greater one, the proven fault decides.
 */
export const rankOf = (status: Status | Finding['status'], atWorst?: 'warn'): number =>
  status === 'unknown' && atWorst ? ranks.warn - 0.5 : ranks[status];
