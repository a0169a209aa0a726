import { defineSettings, integer, text } from '../platform/settings.ts';
import { sagaVersion } from '../sagas/version.ts';

export default defineSettings({
  version: text<string>('SAGA_VERSION', {
    what: 'version of the saga code: only for a process that is to finish sagas of another one',
    default: sagaVersion,
  }),
  leaseMs: integer('SAGA_LEASE_MS', {
    what: 'milliseconds without a sign of life after which other processes take over the sagas of one',
    default: 15_000,
    min: 500,
  }),
  takeoverLimit: integer('SAGA_TAKEOVER_LIMIT', {
    what: 'takeovers of one saga after which it counts as stuck: it may be what kills the processes',
    default: 5,
    min: 1,
  }),
  retryDelayMs: integer('SAGA_RETRY_DELAY_MS', {
    what: 'milliseconds before the first retry of a step; each further one waits twice as long',
    default: 500,
    min: 1,
  }),
  compensationAttempts: integer('SAGA_COMPENSATION_ATTEMPTS', {
    what: 'attempts at a compensation after which the saga counts as stuck (10 take four minutes)',
    default: 10,
    min: 1,
  }),
  keepDays: integer('SAGA_KEEP_DAYS', {
    what: 'days after which an ended saga is removed; only until then its id stands for that saga',
    default: 30,
    min: 1,
  }),
  poolMax: integer('SAGA_POOL_MAX', {
    what: 'most database connections that the saga engine of one process opens',
    default: 10,
    min: 2,
  }),
  drainMs: integer('SAGA_DRAIN_MS', {
    what: 'milliseconds that a shutdown waits for running sagas; other processes finish the rest',
    default: 5_000,
  }),
});
