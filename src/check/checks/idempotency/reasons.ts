import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  INBOX: { status: 'pass', title: 'Its generated inbox handles each event once, in the transaction of its effects' },
  DEDUPLICATED: {
    status: 'pass',
    title: 'What brings its messages drops a copy, and waits for each to be acknowledged',
  },
  DEAD_LETTERS: { status: 'pass', title: 'What fails comes again, and is kept as a dead letter in the end' },
  NO_DEAD_LETTERS: { status: 'warn', title: 'What fails comes again, and is dropped in the end' },
  DEAD_LETTERS_UNCLEAR: {
    status: 'unknown',
    title: 'Whether what fails is kept stands in lists that could not be read',
  },
  NOT_AN_APPLICATION: { status: 'n-a', title: 'A data store or broker: whoever uses it has to handle copies' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
