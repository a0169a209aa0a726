import type { Check } from '../checks/define/check.ts';
import type { Reasons } from '../checks/define/reasons.ts';
import { rankOf } from '../checks/define/verdict-order.ts';
import type { CheckResult, Finding, Status } from '../contract.ts';

const order: readonly Status[] = ['fail', 'warn', 'unknown', 'pass', 'n-a'];

/** Reasons of that line, whatever the item. */
export const clusterReasons = {
  WORST_OF_SERVICES: { status: order, title: 'The worst verdict of its services, with how many have each' },
  NOTHING_JUDGED: { status: 'unknown', title: 'No service was judged' },
} satisfies Reasons;

/** One line an item for the whole cluster: the worst of its services, with the counts; never an average. */
export function clusterLine(
  check: Check,
  results: readonly CheckResult[],
  context: string,
  findings: Finding[],
): CheckResult {
  const counts = order
    .map((status) => ({ status, count: results.filter((result) => result.status === status).length }))
    .filter(({ count }) => count > 0);
  const worst = counts.map(({ status }) => status).sort((a, b) => rankOf(b) - rankOf(a))[0];
  return {
    check: check.id,
    subject: { kind: 'Cluster', name: context },
    status: worst ?? 'unknown',
    level: 'none',
    reason: (worst ? 'WORST_OF_SERVICES' : 'NOTHING_JUDGED') satisfies keyof typeof clusterReasons,
    message: worst ? counts.map(({ status, count }) => `${count} ${status}`).join(', ') : 'no service was judged',
    evidence: [],
    findings,
  };
}
