import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { classUnclear, notAnApplication, notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  CHANNELS_KNOWN: { status: 'pass', title: 'Every visible channel is declared and of a known style' },
  CLAIM_CONTRADICTED: { status: 'fail', title: 'It declares calls or messages that nothing could carry' },
  DATA_THROUGH_A_STORE: { status: 'note', title: 'It exchanges data with another service through a shared database' },
  NO_CHANNEL_VISIBLE: { status: 'unknown', title: 'No channel of it is visible' },
  CALL_NOT_DECLARED: { status: 'note', title: 'Its settings lead to a service that it does not declare to call' },
  ...notAnApplication,
  ...classUnclear,
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
