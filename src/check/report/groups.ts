import { checks } from '../checks/index.ts';
import type { CheckResult, CheckRun, Evidence, Finding } from '../contract.ts';

/** Findings of one check, reason and status, told once. */
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

/** What a group says: its messages, and the number of findings that none of them tells. */
export interface Told {
  messages: string[];
  /** Each begins with the service that it is about. */
  named: boolean;
  more: number;
}

/**
 * The first messages of a group, each kind once: two that differ only in the service's own name or in numbers say the
 * same, and so do two that name one pair from both its ends. Where they differ in more, or name another of the group,
 * each begins with the service it is about.
 */
export function told({ cases, services }: Group, nameOf: (result: CheckResult) => string, limit: number): Told {
  const names = new Set(services.length > 1 ? cases.map(({ result }) => result.subject.name) : []);
  const kinds = new Map<string, { result: CheckResult; finding: Finding; isPair: boolean }>();
  const kindOf = cases.map(({ result, finding }) => {
    const { kind, isPair } = kindOfMessage(finding.message, result.subject.name, names);
    if (!kinds.has(kind)) kinds.set(kind, { result, finding, isPair });
    return kind;
  });
  const shown = [...kinds].slice(0, limit);
  const named = services.length > 1 && (kinds.size > 1 || shown.some(([, { isPair }]) => isPair));
  const texts = new Set(shown.map(([, { finding }]) => finding.message));
  const pairs = new Set(shown.filter(([, { isPair }]) => isPair).map(([kind]) => kind));
  return {
    messages: shown.map(([, { result, finding }]) =>
      named ? `${nameOf(result)}: ${finding.message}` : finding.message,
    ),
    named,
    more: cases.filter(({ finding }, index) => !texts.has(finding.message) && !pairs.has(kindOf[index] ?? '')).length,
  };
}

function kindOfMessage(message: string, own: string, names: ReadonlySet<string>): { kind: string; isPair: boolean } {
  const mentioned = new Set([own]);
  const unnamed = message.replace(/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?/g, (word) => {
    if (!names.has(word)) return word;
    mentioned.add(word);
    return '*';
  });
  const isPair = mentioned.size > 1;
  const kind = isPair ? `${unnamed} ${[...mentioned].sort().join(' ')}` : message.split(own).join('*');
  return { kind: kind.replace(/\d+/g, '#'), isPair };
}

/** Pieces of evidence of one finding, where a group has but one service. */
const proofs = 3;

/** What a group shows as seen: of one service the first pieces, of several the first piece of each of the first `limit`. */
export function seen({ cases, services }: Group, limit: number): Evidence[] {
  if (services.length < 2) return (cases[0]?.finding.evidence ?? []).slice(0, proofs);
  const first = new Map<string, Evidence>();
  for (const { result, finding } of cases) {
    const [evidence] = finding.evidence;
    const key = `${result.subject.namespace}/${result.subject.name}`;
    if (evidence && !first.has(key)) first.set(key, evidence);
  }
  // What is the same of several is told once, of all of them.
  const alike = new Map<string, { objects: Set<string>; piece: Evidence }>();
  for (const piece of [...first.values()].slice(0, limit)) {
    const one = alike.get(`${piece.path} ${piece.value}`) ?? { objects: new Set(), piece };
    one.objects.add(piece.object);
    alike.set(`${piece.path} ${piece.value}`, one);
  }
  return [...alike.values()].map(({ objects, piece }) => {
    if (objects.size === 1) return piece;
    const { file: _, line: __, ...rest } = piece;
    return { ...rest, object: [...objects].join(', ') };
  });
}

/** Objects that act on nothing: they belong to no service, so they stand on the lines of the cluster. */
export const idleOf = (run: CheckRun): { check: string; finding: Finding }[] =>
  run.results
    .filter(({ subject }) => subject.kind === 'Cluster')
    .flatMap(({ check, findings }) => findings.map((finding) => ({ check, finding })));

/** What a folder's own text leaves open, where everything else that is unknown is so because it is no cluster. */
export const isFilledInLater = ({ reason }: Group): boolean => reason === 'PLACEHOLDER';

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
