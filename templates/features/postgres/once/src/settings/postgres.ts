import { defineSettings, integer, text } from '../platform/settings.ts';

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
});
