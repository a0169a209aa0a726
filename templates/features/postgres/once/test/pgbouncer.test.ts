import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { untilReady } from './support/health.ts';
import { startPgbouncer, withoutPgbouncer } from './support/pgbouncer.ts';
import { testDatabase } from './support/postgres.ts';

const database = await testDatabase();

test('behind a pooler in transaction mode the service starts, migrates and keeps its limits in transactions', {
  skip: withoutPgbouncer,
}, async (t) => {
  const DATABASE_URL = await startPgbouncer(t, database);
  const { app, url } = await startApp(t, { env: { DATABASE_URL, DATABASE_STATEMENT_TIMEOUT_MS: '300' } });
  await untilReady(url);
  assert.notEqual((await app.database.query('select 1 from schema_migrations')).rowCount, 0);

  for (const [sleep, ...values] of [['select pg_sleep(60)'], ['select pg_sleep($1)', 60]] as [string, ...unknown[]][]) {
    const slow = app.database.transaction((tx) => tx.query(sleep, values));
    await assert.rejects(slow, ({ kind, cause }) => kind === 'database-slow' && cause.code === '57014');
  }
  await app.database.transaction(async (tx) => {
    const { rows } = await tx.query("select current_setting('idle_in_transaction_session_timeout') as limit");
    assert.deepEqual(rows, [{ limit: '1min' }]);
  });
  // What a transaction set has not stayed on a connection that others are given.
  const { rows } = await app.database.query("select current_setting('statement_timeout') as limit");
  assert.deepEqual(rows, [{ limit: '0' }]);
});

test('where the address does not say so, the pooler refuses, and the error tells what to add', {
  skip: withoutPgbouncer,
}, async (t) => {
  const url = (await startPgbouncer(t, database)).replace('?pgbouncer=true', '');
  await assert.rejects(startApp(t, { env: { DATABASE_URL: url } }), /add \?pgbouncer=true/);
});
