import { checks } from '../checks/index.ts';
import type { CheckResult, CheckRun, Finding } from '../contract.ts';

export interface Group {
  check: string;
  reason: string;
  status: Finding['status'];
  /** Every finding of this reason with the service it is about, in the order of the run. */
  cases: { result: CheckResult; finding: Finding }[];
  /** Services concerned, each once: "shop/orders". */
  services: string[];
}

/** What is only not written down comes after what harms somebody today. */
const undeclared = new Set(
  checks.flatMap(({ id, reasons }) =>
    Object.entries(reasons).flatMap(([code, { undeclared }]) => (undeclared ? [`${id} ${code}`] : [])),
  ),
);
const isUndeclared = ({ check, reason }: Group): boolean => undeclared.has(`${check} ${reason}`);

const severity: readonly Finding['status'][] = ['fail', 'warn', 'unknown', 'note'];

/**
 * Findings of one reason told once, whatever number of services they concern: the gravest first, then the most common.
 * Waived ones are left out unless asked for.
 */
export function groupsOf(run: CheckRun, waived: boolean): Group[] {
  const groups = new Map<string, Group>();
  const nameOf = namer(run);
  for (const result of run.results)
    for (const finding of result.findings) {
      if ((finding.waived !== undefined) !== waived) continue;
      const key = `${result.check} ${finding.reason} ${finding.status}`;
      const group = groups.get(key) ?? {
        check: result.check,
        reason: finding.reason,
        status: finding.status,
        cases: [],
        services: [],
      };
      group.cases.push({ result, finding });
      const name = nameOf(result);
      if (!group.services.includes(name)) group.services.push(name);
      groups.set(key, group);
    }
  return [...groups.values()].sort(
    (a, b) =>
      severity.indexOf(a.status) - severity.indexOf(b.status) ||
      Number(isUndeclared(a)) - Number(isUndeclared(b)) ||
      b.services.length - a.services.length,
  );
}

/**
 * Messages of a group, each kind once: two that differ only in the service's own name or in numbers say the same. Where they differ
 * in more, each begins with the service it is about.
 */
export function messagesOf({ cases, services }: Group, nameOf: (result: CheckResult) => string): string[] {
  const messages = new Map<string, string>();
  for (const { result, finding } of cases) {
    const kind = finding.message.split(result.subject.name).join('*').replace(/\d+/g, '#');
    if (!messages.has(kind)) messages.set(kind, finding.message);
  }
  if (messages.size < 2 || services.length < 2) return [...messages.values()];
  return cases
    .filter(({ finding }) => [...messages.values()].includes(finding.message))
    .filter(({ finding }, index, all) => all.findIndex((other) => other.finding.message === finding.message) === index)
    .map(({ result, finding }) => `${nameOf(result)}: ${finding.message}`);
}

/** How many things that were said of the group are not told where only the first `shown` of its messages are. */
export const hiddenMessages = ({ cases }: Group, shown: number): number =>
  new Set(cases.map(({ finding }) => finding.message)).size - shown;

/** Objects that act on nothing: they belong to no service, so they stand on the lines of the cluster. */
export const idleOf = (run: CheckRun): { check: string; finding: Finding }[] =>
  run.results
    .filter(({ subject }) => subject.kind === 'Cluster')
    .flatMap(({ check, findings }) => findings.map((finding) => ({ check, finding })));

/** Notes about services that somebody can do something about. */
export const notesOf = (groups: readonly Group[]): Group[] =>
  groups.filter(
    ({ status, cases }) =>
      status === 'note' && cases.some(({ result, finding }) => result.subject.kind !== 'Cluster' && finding.fix !== ''),
  );

/** How a service is called in a report: with its namespace only where there are several. */
export function namer(run: CheckRun): (result: CheckResult) => string {
  const namespaces = new Set(run.results.flatMap(({ subject }) => subject.namespace ?? []));
  return ({ subject }) =>
    subject.namespace && namespaces.size > 1 ? `${subject.namespace}/${subject.name}` : subject.name;
}
