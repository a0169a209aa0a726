import type { CheckRun, Evidence, Finding } from '../contract.ts';
import { namer } from './groups.ts';
import { oneLine } from './one-line.ts';
import { communicationLine, services } from './sum.ts';

/** GitHub shows ten annotations of a level and step: the gravest come first, and the report has all. */
const levels: Readonly<Partial<Record<Finding['status'], string>>> = { fail: 'error', warn: 'warning' };

const escaped = (text: string): string => oneLine(text).replaceAll('%', '%25');
const property = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const place = (evidence: readonly Evidence[]): string => {
  const found = evidence.find(({ file }) => file !== undefined);
  return found?.file === undefined ? '' : `file=${property(found.file)},line=${found.line ?? 1},`;
};

/** Commands of a GitHub workflow: one annotation a finding that counts, at its file and line where it has one. */
export function* github(run: CheckRun, isOneOfSeveral = false): Generator<string> {
  const nameOf = namer(run);
  // The environments of a repository share their files; what runs in two clusters is two things.
  const where = isOneOfSeveral && !run.environment ? `${run.source.context} ` : '';
  const found = services(run).flatMap((result) =>
    result.findings
      .filter(({ status, waived }) => !waived && levels[status] !== undefined)
      .map((finding) => ({ result, finding })),
  );
  for (const status of ['fail', 'warn'] as const)
    for (const { result, finding } of found.filter((one) => one.finding.status === status)) {
      const title = `${result.check} ${finding.reason}`;
      const text = `${where}${nameOf(result)}: ${finding.message}${finding.fix ? ` Fix: ${finding.fix}` : ''}`;
      yield `::${levels[status]} ${place(finding.evidence)}title=${property(title)}::${escaped(text)}\n`;
    }
  const talk = communicationLine(run);
  if (talk) yield `::notice title=${property(run.environment?.name ?? run.source.context)}::${escaped(talk)}\n`;
}
