import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { Database } from '../src/platform/postgres/database.ts';
import { createPool } from '../src/platform/postgres/pool.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { startPair } from './support/pair.ts';
import { testDatabase } from './support/postgres.ts';

const database = await testDatabase();

async function writing(app: FastifyInstance): Promise<void> {
  await app.database.query('create table if not exists notes (id int)');
  app.post<{ Params: { id: string } }>('/notes/:id', async ({ params: { id } }) => {
    if (Number(id) % 2 === 0) await app.database.query('insert into notes values ($1)', [id]);
    else await app.database.transaction((tx) => tx.query('insert into notes values ($1)', [id]));
    return {};
  });
}

test('a primary that is demoted and keeps its connections: nothing stays with it, and nothing is lost', async (t) => {
  const pair = await startPair(t);
  const { app, url } = await startApp(t, { env: { DATABASE_URL: pair.url }, extend: writing });
  await untilReady(url);
  const post = (id: number) => fetch(`${url}/notes/${id}`, { method: 'POST' });
  const untilWritten = (id: number) => eventually(`${id} is written`, async () => (await post(id)).ok);
  const idsOf = async (server: typeof pair.primary) =>
    (await pair.ask(server, 'select id from notes order by id')).map(({ id }) => id);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  // As many connections as the pool may have.
  const held = await Promise.all(range(1, 10).map(() => app.database.pool.connect()));
  for (const client of held) client.release();
  await Promise.all(range(1, 20).map(untilWritten));

  await pair.demote();
  await eventually('it is not ready', async () => (await fetch(`${url}/health/ready`)).status === 503);
  assert.match((await bodyOf(await fetch(`${url}/health`))).checks.postgres.error, /takes no writes/);
  const refused = await post(0);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await bodyOf(refused)).type, '/problems/database-read-only');

  await eventually('the standby has everything', async () => (await idsOf(pair.standby)).length === 20);
  await pair.promote();
  pair.switchOver();
  await untilReady(url);
  await Promise.all(range(21, 60).map(untilWritten));

  assert.deepEqual(await idsOf(pair.standby), range(1, 60));
  assert.deepEqual(await idsOf(pair.primary), range(1, 20));
  await eventually('no connection is left behind', async () => {
    const rows = await pair.ask(
      pair.primary,
      "select 1 from pg_stat_activity where datname = 'service' and pid <> pg_backend_pid()",
    );
    return rows.length === 0;
  });
});

test('the first refusal takes all idle connections with it: no second caller is refused', async (t) => {
  const pair = await startPair(t);
  const pool = createPool({ url: pair.url, name: 'test', max: 10, waitMs: 60_000, onError() {} });
  t.after(() => pool.end());
  const idle = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
  for (const client of idle) client.release();
  const since = performance.now();
  await pool.query('create table notes (id int)');
  await pair.demote();
  await pair.promote();
  pair.switchOver();
  await eventually('no connection is young any more', () => performance.now() - since > 1_000);
  await new Database(pool).query('insert into notes values (1)');
  assert.equal((await pair.ask(pair.standby, 'select id from notes')).length, 1);
});

test('a connection that somebody else checked out goes too, once it was refused', async (t) => {
  const pair = await startPair(t);
  const pool = createPool({ url: pair.url, name: 'test', max: 1, waitMs: 60_000, onError() {} });
  t.after(() => pool.end());
  await pool.query('create table notes (id int)');
  await pair.demote();
  await pair.promote();
  pair.switchOver();
  await eventually('a caller of its own writes to the new primary', async () => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('insert into notes values (1)');
      await client.query('commit');
      return true;
    } catch {
      await client.query('rollback').catch(() => undefined);
      return false;
    } finally {
      client.release();
    }
  });
  assert.equal((await pair.ask(pair.standby, 'select id from notes')).length, 1);
});

test('a connection has an age at which it goes, used or not', async (t) => {
  const pool = createPool({
    url: database,
    name: 'test',
    max: 1,
    waitMs: 60_000,
    maxAgeMs: 100,
    onError() {},
  });
  t.after(() => pool.end());
  const backend = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid;
  const first = await backend();
  await eventually('another one answers', async () => (await backend()) !== first);
});
