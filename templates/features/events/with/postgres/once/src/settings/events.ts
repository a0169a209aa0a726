import { defineSettings, integer } from '../platform/settings.ts';

export default defineSettings({
  pollMs: integer('EVENTS_POLL_MS', {
    what: 'milliseconds between two looks into an empty outbox',
    default: 100,
    min: 1,
  }),
  batchSize: integer('EVENTS_BATCH_SIZE', {
    what: 'events that are taken from the outbox at once',
    default: 200,
    min: 1,
  }),
  turnMs: integer('EVENTS_TURN_MS', {
    what: 'milliseconds after which another replica takes over from one that is frozen while it sends',
    default: 10_000,
    min: 100,
  }),
  ackWaitMs: integer('EVENTS_ACK_WAIT_MS', {
    what: 'milliseconds after which an event is delivered again that a dead process had',
    default: 30_000,
    min: 100,
  }),
  retryDelayMs: integer('EVENTS_RETRY_DELAY_MS', {
    what: 'milliseconds before the first retry of an event; each further one waits twice as long, up to five minutes',
    default: 1_000,
    min: 1,
  }),
  drainMs: integer('EVENTS_DRAIN_MS', {
    what: 'milliseconds that a shutdown waits for the events at work',
    default: 10_000,
  }),
  rememberDays: integer('EVENTS_REMEMBER_DAYS', {
    what: 'days that a handled event is remembered; longer than the stream keeps events, and than sagas are kept',
    default: 60,
    min: 1,
  }),
});
