import type { Check } from '../checks/define/check.ts';
import type { CheckResult, Finding, NotLookedAt } from '../contract.ts';

/**
 * What only a platform or what runs could answer, taken out: the other findings decide, and where none does, the cell is
 * not looked at. It never passes for that.
 */
export function withoutOpen(
  results: readonly CheckResult[],
  { id, reasons }: Check,
): { verdicts: CheckResult[]; left: NotLookedAt[] } {
  const isOpen = ({ status, reason }: Finding): boolean =>
    status === 'unknown' && Object.hasOwn(reasons, reason) && reasons[reason]?.whenItRuns === true;
  const verdicts: CheckResult[] = [];
  const left: NotLookedAt[] = [];
  for (const result of results) {
    const open = result.findings.filter(isOpen);
    const [first] = open;
    if (!first || result.status === 'n-a') {
      verdicts.push(result);
      continue;
    }
    const findings = result.findings.filter((finding) => !isOpen(finding));
    // Sorted by gravity.
    const worst = findings.find(({ status }) => status !== 'note');
    if (!worst || worst.status === 'note') left.push({ check: id, subject: result.subject, message: first.message });
    else {
      const { status, reason, message, evidence } = worst;
      verdicts.push({ ...result, status, reason, message, evidence, findings });
    }
  }
  return { verdicts, left };
}
