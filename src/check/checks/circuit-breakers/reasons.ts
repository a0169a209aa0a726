import type { DanglingFor, FoundFor, JudgementFor } from '../define/define-check.ts';
import { askedInVain, classUnclear, notAnApplication, notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  EVERY_CALL_GUARDED: { status: 'pass', title: 'Something that opens after failures guards every visible call' },
  NO_BREAKER_SHOWN: {
    status: 'fail',
    title: 'A service that msvc generated calls another without the breaker of a generated client',
  },
  CONFIGURED_BUT_INERT: { status: ['fail', 'unknown'], title: 'A breaker is configured for a call and does nothing' },
  SOME_CALLS_UNGUARDED: { status: 'warn', title: 'Some of its calls are guarded and others are not' },
  PARTLY_GUARDED: { status: 'warn', title: 'A breaker guards only some of the calls to one target' },
  LIMITS_ONLY: { status: 'warn', title: 'Timeouts, retries or limits, and nothing that opens after failures' },
  MAY_BE_IN_CODE: {
    status: 'unknown',
    title: 'No policy guards its calls; a breaker in its code would not be visible',
  },
  NO_CALL_VISIBLE: { status: 'unknown', title: 'No call to another service stands in its settings' },
  PROXY_UNSEEN: {
    status: 'unknown',
    title: 'Whether a proxy is there to carry the policy out could not be seen',
    whenItRuns: true,
  },
  ONE_ENDPOINT: { status: 'note', title: 'The target of a guarded call has one replica' },
  BREAKER_IS_OPEN: { status: 'note', title: 'A breaker that was open when its pod was asked' },
  BREAKER_NAMES_NO_TARGET: {
    status: 'note',
    title: 'It shows breakers of its own, whose names do not say which calls they guard',
  },
  ...askedInVain,
  GATEWAY_GUARDS_IT: { status: 'note', title: 'A gateway has a breaker or limits for what comes in to it' },
  BREAKER_UNUSED: { status: 'note', title: 'A breaker that no call can reach' },
  BREAKER_REFUSED: { status: 'note', title: 'A breaker that is attached, and that its status refuses' },
  BREAKER_NOT_TAKEN_UP: { status: 'note', title: 'A breaker that is attached, and that no controller has taken up' },
  CALLS_NOBODY: { status: 'n-a', title: 'Network policies leave it no way to call another service' },
  ...notAnApplication,
  ...classUnclear,
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
export type Dangling = DanglingFor<typeof reasons>;
