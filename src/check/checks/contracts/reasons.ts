import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  CONTRACT_SERVED: { status: 'pass', title: 'It serves a contract with a version' },
  CONTRACT_WITHOUT_VERSION: { status: 'warn', title: 'It serves a contract that names no version' },
  CONTRACT_LOCKED: { status: 'unknown', title: 'Its contract is there, and not for everybody to read' },
  CONTRACT_NOT_FOUND: { status: 'unknown', title: 'No contract was found where it was looked for' },
  NOT_AN_APPLICATION: { status: 'n-a', title: 'A data store or broker: its protocol is its contract' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
