import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool } from '../src/platform/postgres/pool.ts';
import { startApp } from './support/app.ts';
import { testDatabase } from './support/postgres.ts';

const secret = 'hunter2';

test('what the driver hangs on its errors stays out of the log: values, rows, addresses', async (t) => {
  const { app, logs } = await startApp(t, { env: { DATABASE_URL: await testDatabase() } });
  await app.database.query('create table people (mail text primary key, age integer check (age > 0))');
  await app.database.query('insert into people values ($1, 1)', [secret]);
  const url = new URL('postgres://app@127.0.0.1:1/app');
  url.password = secret;
  const unreachable = createPool({ url: url.href, name: 'test', max: 1, waitMs: 1_000, onError: () => {} });
  t.after(() => unreachable.end());
  const failing = {
    '23505': () => app.database.query('insert into people values ($1, 1)', [secret]),
    '23514': () => app.database.query('insert into people values ($1, -1)', [`${secret}-2`]),
    '22P02': () => app.database.query('select $1::integer', [secret]),
    '42601': () => app.database.query(`select '${secret}' '`),
    ECONNREFUSED: () => unreachable.query('select 1'),
  };
  for (const [code, query] of Object.entries(failing)) {
    const error = await query().then(
      () => undefined,
      (reason) => reason as Error & { code?: string },
    );
    assert.equal(error?.code, code);
    app.log.error({ err: error });
    app.log.error(error, 'it failed');
    assert.match(JSON.stringify(logs.at(-1)), new RegExp(`"code":"${code}"`), 'what helps is told');
  }
  assert.doesNotMatch(JSON.stringify(logs), /hunter2/);
});
