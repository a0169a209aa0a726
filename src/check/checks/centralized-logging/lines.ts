import type { LogSample, PodObservation } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { observedName } from '../../inventory/kubernetes/observed-pods.ts';
import { askedInVain } from '../define/asked-in-vain.ts';
import type { Found, Judgement } from './reasons.ts';

/** Fewer lines say nothing of the others: a start writes some that are nobody's. */
const enough = 5;

const isPlain = ({ lines, json, logfmt }: LogSample): boolean => lines >= enough && (json + logfmt) * 2 < lines;

const passes = ({ level, notApplicable, findings = [] }: Judgement): boolean =>
  !notApplicable && (level === 'wired' || level === 'observed') && findings.every(({ status }) => status === 'note');

/** What sampled lines add: logs that arrive as plain text are a warning, and beside anything worse a note. */
export function withLines(judgement: Judgement, component: Component, facts: Facts): Judgement {
  const observations = facts.observations(component);
  if (observations.length === 0 || judgement.notApplicable) return judgement;
  const status = passes(judgement) ? 'warn' : 'note';
  return {
    ...judgement,
    evidence: [...(judgement.evidence ?? []), ...observations.flatMap(seen)],
    findings: [
      ...(judgement.findings ?? []),
      ...observations.flatMap((one) => (one.logs && isPlain(one.logs) ? plainText(one, one.logs, status) : [])),
      ...askedInVain(component, facts, ['logs'], 'what its lines look like'),
    ],
  };
}

const seen = (one: PodObservation) => (one.logs && one.logs.lines > 0 ? [linesOf(one, one.logs)] : []);

const linesOf = (one: PodObservation, { lines, json, logfmt }: LogSample) => ({
  object: observedName(one),
  path: `log of ${one.container}`,
  value: `of ${lines} lines ${json} are JSON${logfmt > 0 ? `, ${logfmt} logfmt` : ''}`,
});

const plainText = (one: PodObservation, sample: LogSample, status: 'warn' | 'note'): Found => ({
  status,
  reason: 'PLAIN_TEXT',
  message: `of its last ${sample.lines} lines ${sample.json + sample.logfmt} have fields; the others are plain text`,
  evidence: [linesOf(one, sample)],
  fix: 'Write one JSON object a line, with level, time, message, service and the ids of trace and request.',
});
