import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { defineAggregate } from '../src/platform/event-store/aggregate.ts';
import { EventStore } from '../src/platform/event-store/execute.ts';
import { defineProjection, type Projection } from '../src/platform/event-store/projection.ts';
import { catchUp, rebuild } from '../src/platform/event-store/projector.ts';
import { append, VersionConflict } from '../src/platform/event-store/store.ts';
import type { Database, Queries } from '../src/platform/postgres/database.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const account = defineAggregate('account', {
  events: { Deposited: Type.Object({ amount: Type.Integer() }) },
  state: Type.Integer(),
  initial: 0,
  evolve: (balance, { data }) => balance + data.amount,
  decide: (_balance, amount: number) => [{ type: 'Deposited' as const, data: { amount } }],
});

/** Sums by account, and in which order the projection saw what. */
const balances = (name: string, mode: Projection['mode']): Projection =>
  defineProjection({
    name,
    mode,
    aggregates: ['account'],
    async handle({ aggregateId, version, data }, tx) {
      await tx.query('insert into test_seen (projection, id, version) values ($1, $2, $3)', [
        name,
        aggregateId,
        version,
      ]);
      await tx.query(
        `insert into test_balances as b (projection, id, balance) values ($1, $2, $3)
         on conflict (projection, id) do update set balance = b.balance + excluded.balance`,
        [name, aggregateId, (data as { amount: number }).amount],
      );
    },
    async reset(tx) {
      await tx.query('delete from test_seen where projection = $1', [name]);
      await tx.query('delete from test_balances where projection = $1', [name]);
    },
  });

async function start(t: Parameters<typeof startApp>[0], projections: readonly Projection[] = []) {
  const { app } = await startApp(t, { env: { DATABASE_URL: await testDatabase(), DATABASE_POOL_MAX: '20' } });
  await app.database.query(
    'create table test_balances (projection text, id text, balance integer, primary key (projection, id))',
  );
  await app.database.query(
    'create table test_seen (at bigint generated always as identity, projection text, id text, version integer)',
  );
  return { database: app.database, store: new EventStore(app.database, projections) };
}

const deposit = (tx: Queries, id: string, expectedVersion: number) =>
  append(tx, { aggregate: account, id, expectedVersion, events: [{ type: 'Deposited', data: { amount: 1 } }] });

const seen = async (database: Database, projection: string): Promise<string[]> => {
  const text = 'select id, version from test_seen where projection = $1 order by at';
  const { rows } = await database.query<{ id: string; version: number }>(text, [projection]);
  return rows.map(({ id, version }) => `${id} ${version}`);
};

/** Looks until there is nothing new. Other databases of this server may hold the horizon back for a moment. */
const untilSeen = (database: Database, projection: Projection, count: number): Promise<string[]> =>
  eventually(`${count} events are seen`, async () => {
    await catchUp(database, projection, 100);
    const all = await seen(database, projection.name);
    return all.length >= count ? all : undefined;
  });

test('a reader never passes an event that commits later', async (t) => {
  const { database } = await start(t);
  const projection = balances('order', 'catch-up');
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let appended = () => {};
  const isAppended = new Promise<void>((resolve) => {
    appended = resolve;
  });
  const slow = database.transaction(async (tx) => {
    await deposit(tx, 'slow', 0);
    appended();
    await held;
  });
  await isAppended;
  await database.transaction((tx) => deposit(tx, 'quick', 0));
  for (let look = 0; look < 5; look += 1) await catchUp(database, projection, 100);
  assert.deepEqual(await seen(database, 'order'), []);

  commit();
  await slow;
  assert.deepEqual(await untilSeen(database, projection, 2), ['slow 1', 'quick 1']);
});

test('a transaction that began to write before the version it builds on has to try again', async (t) => {
  const { database } = await start(t);
  const late = database.transaction(async (tx) => {
    await tx.query("insert into test_balances values ('x', 'x', 0)");
    await database.transaction((other) => deposit(other, 'a', 0));
    await deposit(tx, 'a', 1);
  });
  await assert.rejects(late, VersionConflict);
});

test('what is not what the event says is never stored', async (t) => {
  const { database } = await start(t);
  const wrong = {
    aggregate: account,
    id: 'a',
    expectedVersion: 0,
    events: [{ type: 'Deposited', data: { amount: 'much' } }],
  };
  await assert.rejects(
    database.transaction((tx) => append(tx, wrong)),
    /account Deposited: data\.amount/,
  );
});

test('of fifty appends to one version exactly one wins', async (t) => {
  const { database } = await start(t);
  const race = await Promise.allSettled(
    Array.from({ length: 50 }, () => database.transaction((tx) => deposit(tx, 'a', 0))),
  );
  assert.equal(race.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of race) if (one.status === 'rejected') assert.ok(one.reason instanceof VersionConflict);
});

for (const mode of ['inline', 'catch-up'] as const) {
  test(`${mode}: a rebuild while others write misses nothing and counts nothing twice`, async (t) => {
    const projection = balances(mode, mode);
    const { database, store } = await start(t, [projection]);
    const ids = ['a', 'b', 'c', 'd'];
    const write = async (id: string): Promise<void> => {
      for (let n = 0; n < 25; n += 1) await store.execute(account, id, 1);
    };
    const writers = Promise.all(ids.map(write));
    let rebuilds = 0;
    let isOver = false;
    const over = writers.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await rebuild(database, projection, 7);
      rebuilds += 1;
    }
    await over;
    assert.ok(rebuilds > 0);
    const all = mode === 'inline' ? await seen(database, mode) : await untilSeen(database, projection, 100);
    assert.equal(new Set(all).size, 100);
    assert.equal(all.length, 100);
    for (const id of ids) {
      const versions = all.filter((one) => one.startsWith(id)).map((one) => Number(one.split(' ')[1]));
      assert.deepEqual(
        versions,
        Array.from({ length: 25 }, (_, n) => n + 1),
      );
    }
    const { rows } = await database.query('select id, balance from test_balances where projection = $1 order by id', [
      mode,
    ]);
    assert.deepEqual(
      rows,
      ids.map((id) => ({ id, balance: 25 })),
    );
  });
}
