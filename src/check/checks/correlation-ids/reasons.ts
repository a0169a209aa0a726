import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  OUR_ID_LOGGED: { status: 'pass', title: 'The id of a request that was sent to it stands in its log' },
  REQUESTS_CARRY_IDS: { status: 'pass', title: 'Nearly all requests in its log carry an id' },
  ID_GIVEN_BACK: { status: 'pass', title: 'It takes the id of a request and gives it back in its answer' },
  SOME_CARRY_IDS: { status: 'warn', title: 'Some requests in its log carry an id, and others none' },
  NONE_CARRIES_AN_ID: { status: 'warn', title: 'Its log tells of requests, and none of them carries an id' },
  TOO_FEW_REQUESTS: { status: 'unknown', title: 'Its log tells of too few requests to say anything' },
  NOT_AN_APPLICATION: { status: 'n-a', title: 'A data store or broker: no request begins or ends there' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
