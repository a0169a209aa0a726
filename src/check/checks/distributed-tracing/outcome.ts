import type { Evidence, Gap } from '../../contract.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** What becomes of traces sent to an address: nothing to complain about, or a finding. */
export interface Outcome {
  found?: Found;
  evidence: Evidence[];
  message: string;
}

/** An address that traces are sent to: how it is shown, and where it was read. */
export interface Target {
  shown: string;
  setting: string;
  evidence: Evidence;
}

export const arrives = ({ evidence }: Target, message: string, more: readonly Evidence[]): Outcome => ({
  evidence: [evidence, ...more],
  message,
});

export const isWrong = (
  { shown, evidence }: Target,
  { evidence: more = [], ...found }: Omit<Found, 'key'>,
): Outcome => ({ evidence: [evidence], message: '', found: { ...found, evidence: [evidence, ...more], key: shown } });

export const cannotTell = ({ evidence }: Target, gaps: readonly Gap[], what: string): Outcome => ({
  evidence: [evidence],
  message: '',
  found: unread(gaps, what),
});
