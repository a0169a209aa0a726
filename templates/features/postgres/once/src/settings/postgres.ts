import { defineSettings, integer, oneOf, text } from '../platform/settings.ts';

export default defineSettings({
  databaseUrl: text<string>('DATABASE_URL', { what: 'Postgres connection string', secret: true }),
  poolMax: integer('DATABASE_POOL_MAX', { what: 'most connections that one process opens', default: 10, min: 1 }),
  waitMs: integer('DATABASE_WAIT_MS', {
    what: 'milliseconds that a request waits for a connection before it is answered with 503',
    default: 2_000,
    min: 1,
  }),
  statementTimeoutMs: integer('DATABASE_STATEMENT_TIMEOUT_MS', {
    what: 'milliseconds after which Postgres stops a statement',
    default: 10_000,
    min: 1,
  }),
  startTimeoutMs: integer('DATABASE_START_TIMEOUT_MS', {
    what: 'milliseconds that a start waits for the database',
    default: 30_000,
  }),
  replicas: integer('DATABASE_REPLICAS', {
    what: 'most processes of this service at one time, those of a rollout too: for the warning about connections',
    default: 1,
    min: 1,
  }),
  migrate: oneOf('DATABASE_MIGRATE', ['start', 'job'], {
    what: 'who applies the migrations: the service when it starts, or a Job that runs `npm run migrate`',
    default: 'start',
  }),
  lockTimeoutMs: integer('DATABASE_MIGRATE_LOCK_TIMEOUT_MS', {
    what: 'milliseconds that a migration waits for a lock; others wait behind it for as long',
    default: 2_000,
    min: 1,
  }),
  giveUpMs: integer('DATABASE_MIGRATE_GIVE_UP_MS', {
    what: 'milliseconds after which a migration that gets no lock is given up',
    default: 600_000,
  }),
});
