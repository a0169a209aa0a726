import type { Evidence, Finding, Gap, Level, Subject, Verdict } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { distinctGaps, gapText } from '../../inventory/ledger.ts';
import type { Check } from './check.ts';
import { findingId, placeOf } from './finding-id.ts';
import { notRunningYet, type Reasons } from './reasons.ts';
import { rankOf } from './verdict-order.ts';

/** What a check found about one service. `key` tells apart several of one reason: a container, a target. */
export interface Found<Code extends string = string> {
  status: Finding['status'];
  reason: Code;
  message: string;
  evidence?: Evidence[];
  fix?: string;
  /** The fix as a piece of YAML, where the object is known (`patch.ts`). */
  patch?: string;
  key?: string;
  /** Of an `unknown` that rests on them: lists that were not read. */
  gaps?: readonly Gap[];
  /** Of an `unknown` that can hide no fail. */
  atWorst?: 'warn';
}

/** What a check concludes about one service; the verdict follows from the findings. */
export interface Judgement<Code extends string = string> {
  /** How strong the evidence for a pass is. */
  level: Level;
  /** Why it passes, where no finding says otherwise. */
  reason: Code;
  message: string;
  evidence?: Evidence[];
  findings?: readonly Found<Code>[];
  /** Proven not to apply. */
  notApplicable?: true;
}

/** An object that acts on nothing, and why: becomes a note about the cluster. */
export type Dangling<Code extends string = string> = Omit<Found<Code>, 'status'> & { object: string };

/** The same, of a check with this table of reasons: a code that is not in it does not compile. */
export type FoundFor<Table extends Reasons> = Found<keyof Table & string>;
export type JudgementFor<Table extends Reasons> = Judgement<keyof Table & string>;
export type DanglingFor<Table extends Reasons> = Dangling<keyof Table & string>;

export const notApplicable = <Code extends string>(
  reason: Code,
  message: string,
  evidence: Evidence[] = [],
  findings: readonly Found<Code>[] = [],
): Judgement<Code> => ({ level: 'none', reason, message, evidence, findings, notApplicable: true });

/**
 * Nothing speaks for a pass: the findings alone decide.
 *
 * @throws Error (a bug of the check) where they do not, because all of them are notes
 */
export function decidedBy<Code extends string>(
  findings: readonly Found<Code>[],
  level: 'none' | 'configured' = 'none',
): Judgement<Code> {
  const first = findings.find(({ status }) => status !== 'note');
  if (!first) throw new Error('a verdict without a finding or a reason to pass');
  return { level, reason: first.reason, message: first.message, findings };
}

/** Lists that a message names; how many more there are it says, and the finding holds all of them. */
const mostNamed = 3;

/** "pods in shop: forbidden; services in shop: error; and 4 more" */
export function gapsText(gaps: readonly Gap[]): string {
  const texts = [...new Set(gaps.map(gapText))];
  const more = texts.length - mostNamed;
  // One more takes no more room than to say that there is one.
  return more > 1 ? `${texts.slice(0, mostNamed).join('; ')}; and ${more} more` : texts.join('; ');
}

/** Nobody could know: the lists that would have been needed. */
export const unread = (gaps: readonly Gap[], what: string): Found<'NOT_READ'> => ({
  status: 'unknown',
  reason: 'NOT_READ',
  message: `${what}, because this could not be read: ${gapsText(gaps)}`,
  fix: 'Give the reading account list rights on these (msvc check-cluster --print-rbac) and run again.',
  gaps,
});

/** It is still to be applied: what nobody can know before it runs. */
export const notYet = (message: string, evidence: Evidence[] = []): Found<'NOT_RUNNING_YET'> => ({
  status: 'unknown',
  reason: 'NOT_RUNNING_YET',
  message,
  evidence,
  fix: notRunningYet.NOT_RUNNING_YET.fix,
});

interface Common<Table extends Reasons> extends Omit<Check, 'evaluate' | 'dangling' | 'shownBy'> {
  reasons: Table;
  dangling?(facts: Facts): readonly DanglingFor<NoInfer<Table>>[];
}

type Definition<Table extends Reasons> = Common<Table> &
  (
    | { judge(component: Component, facts: Facts): JudgementFor<NoInfer<Table>> }
    | { shownBy: string; judge(component: Component, facts: Facts): JudgementFor<NoInfer<Table>> | undefined }
  );

/** Makes a check of a function that judges one service: stamps ids, orders findings, draws the verdict. */
export const defineCheck = <Table extends Reasons>({
  judge,
  dangling,
  reads: { needs, uses },
  ...check
}: Definition<Table>): Check => ({
  ...check,
  reads: { needs, uses: [...new Set(uses)].filter((part) => !needs.includes(part)) },
  evaluate: (facts) =>
    facts.subjects.flatMap((component) => {
      const judgement = judge(component, facts);
      return judgement
        ? toVerdict(component.subject, judgement, (found) =>
            toFinding(findingId(check.id, placeOf(component, facts), found.reason, found.key), found),
          )
        : [];
    }),
  ...(dangling
    ? {
        dangling: (facts: Facts) =>
          together(
            dangling(facts).map(({ object, key, evidence = [{ object }], ...rest }) => {
              const id = findingId(check.id, 'cluster', rest.reason, key ? `${object}/${key}` : object);
              return toFinding(id, { ...rest, evidence, status: 'note' });
            }),
          ),
      }
    : {}),
});

function toVerdict(subject: Subject, judgement: Judgement, make: (found: Found) => Finding): Verdict {
  const findings = together(
    (judgement.findings ?? [])
      .map((found) => ({ rank: rankOf(found.status, found.atWorst), finding: make(found) }))
      .sort((a, b) => b.rank - a.rank || (a.finding.id < b.finding.id ? -1 : 1))
      .map(({ finding }) => finding),
  );
  const worst = judgement.notApplicable ? undefined : findings.find(({ status }) => status !== 'note');
  const { reason, message, evidence = [] } = worst ?? judgement;
  const level = judgement.notApplicable ? 'none' : judgement.level;
  return { status: statusOf(judgement, worst), level, subject, reason, message, evidence, findings };
}

/** Findings of one id are one: the first, which is the gravest, with what the others say. */
function together(findings: readonly Finding[]): Finding[] {
  const byId = new Map<string, Finding>();
  for (const finding of findings) {
    const first = byId.get(finding.id);
    byId.set(finding.id, first ? withMore(first, finding) : finding);
  }
  return [...byId.values()];
}

const withMore = (first: Finding, { message, evidence, gaps = [] }: Finding): Finding => ({
  ...first,
  message: first.message.includes(message) ? first.message : `${first.message}; ${message}`,
  evidence: [...first.evidence, ...evidence],
  ...(gaps.length > 0 ? { gaps: distinctGaps([...(first.gaps ?? []), ...gaps]) } : {}),
});

function statusOf({ notApplicable, level }: Judgement, worst: Finding | undefined): Verdict['status'] {
  if (notApplicable) return 'n-a';
  if (worst) return worst.status as Verdict['status'];
  // A pass rests on what is attached or seen, never on what somebody wrote down.
  return level === 'wired' || level === 'observed' ? 'pass' : 'unknown';
}

const toFinding = (id: string, { status, reason, message, evidence = [], fix = '', patch, gaps }: Found): Finding => ({
  id,
  status,
  reason,
  message,
  evidence,
  fix,
  ...(patch ? { patch } : {}),
  ...(gaps ? { gaps: distinctGaps(gaps) } : {}),
});
