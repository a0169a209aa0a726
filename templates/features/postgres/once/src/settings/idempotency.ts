import { defineSettings, integer } from '../platform/settings.ts';

export default defineSettings({
  keepMs: integer('IDEMPOTENCY_KEEP_MS', {
    what: 'milliseconds that the answer to an Idempotency-Key is kept',
    default: 86_400_000,
    min: 1,
  }),
  lockMs: integer('IDEMPOTENCY_LOCK_MS', {
    what: 'milliseconds after which a request that was never answered may be done again: longer than any request takes',
    default: 60_000,
    min: 1,
  }),
  waitMs: integer('IDEMPOTENCY_WAIT_MS', {
    what: 'milliseconds that a duplicate waits for the first request before it is answered with 409',
    default: 10_000,
  }),
});
