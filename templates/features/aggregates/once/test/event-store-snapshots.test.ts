import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Type } from 'typebox';
import { defineAggregate } from '../src/platform/event-store/aggregate.ts';
import { EventStore } from '../src/platform/event-store/execute.ts';
import { defineProjection } from '../src/platform/event-store/projection.ts';
import { rebuild } from '../src/platform/event-store/projector.ts';
import { startApp } from './support/app.ts';
import { testDatabase } from './support/postgres.ts';

const state = Type.Object({ total: Type.Integer(), last: Type.Optional(Type.String()) });
type Command = { amount: number; by: string }[];

/** The same rules with any snapshots: sums what was paid, and knows who paid last. */
const till = (every?: number, version?: number) =>
  defineAggregate('till', {
    events: { Paid: Type.Object({ amount: Type.Integer(), by: Type.String() }) },
    state,
    initial: { total: 0 },
    evolve: ({ total }, { data }) => ({ total: total + data.amount, last: data.by }),
    decide: (_now, command: Command) => command.map((data) => ({ type: 'Paid' as const, data })),
    ...(every !== undefined && { snapshots: { every, ...(version !== undefined && { version }) } }),
  });

async function start(t: TestContext) {
  const { app } = await startApp(t, { env: { DATABASE_URL: await testDatabase() } });
  return { database: app.database, store: new EventStore(app.database, []) };
}

const random = (below: number): number => Math.floor(Math.random() * below);

test('a state from a snapshot is the state of all events, whatever happened and however often it was stored', async (t) => {
  const { store, database } = await start(t);
  for (let run = 0; run < 20; run += 1) {
    const id = `run-${run}`;
    for (let step = random(12); step >= 0; step -= 1) {
      // The setting may change between two releases, and so may the shape.
      const aggregate = till(1 + random(5), random(2));
      const command = Array.from({ length: random(4) }, () => ({ amount: random(100) - 50, by: `c-${random(9)}` }));
      const executed = await store.execute(aggregate, id, command);
      assert.deepEqual(executed, await store.find(till(), id));
      assert.deepEqual(await store.find(aggregate, id), executed);
    }
  }
  const { rows } = await database.query('select from aggregate_snapshots');
  assert.ok(rows.length > 5);
});

test('after a snapshot only the events behind it are read; of another shape it is ignored and written anew', async (t) => {
  const { store, database } = await start(t);
  const aggregate = till(3);
  for (const by of ['a', 'b', 'c', 'd']) await store.execute(aggregate, '1', [{ amount: 1, by }]);
  // What the snapshot stands for is not looked at: the mark of who reads it.
  await database.query("update aggregate_snapshots set state = '{" + '"total"' + ": 100}'");
  assert.deepEqual(await store.find(aggregate, '1'), { state: { total: 101, last: 'd' }, version: 4 });
  assert.deepEqual(await store.find(till(3, 2), '1'), { state: { total: 4, last: 'd' }, version: 4 });
  await store.execute(till(3, 2), '1', [{ amount: 1, by: 'e' }]);
  assert.equal((await store.find(till(3, 2), '1')).state.total, 5);
  const { rows } = await database.query('select version, state from aggregate_snapshots');
  assert.deepEqual(rows, [{ version: 5, state: { total: 5, last: 'e' } }]);
});

test('a command that is sent twice happens once, also where a snapshot stands for the first', async (t) => {
  const { store } = await start(t);
  const aggregate = till(2);
  const pay = (by: string) => store.execute(aggregate, '1', [{ amount: 1, by }], { commandId: by });
  for (const by of ['a', 'b', 'c']) await pay(by);
  assert.deepEqual(await pay('a'), { state: { total: 1, last: 'a' }, version: 1 });
  assert.equal((await store.find(aggregate, '1')).version, 3);
});

const old = defineAggregate('parcel', {
  events: { Weighed: Type.Object({ pounds: Type.Number() }) },
  state: Type.Number(),
  initial: 0,
  evolve: (_before, { data }) => data.pounds,
  decide: (_now, pounds: number) => [{ type: 'Weighed' as const, data: { pounds } }],
});
const parcel = defineAggregate('parcel', {
  events: { Weighed: Type.Object({ grams: Type.Number() }) },
  upcasts: { Weighed: [({ pounds }: { pounds: number }) => ({ grams: pounds * 500 })] },
  state: Type.Number(),
  initial: 0,
  evolve: (_before, { data }) => data.grams,
  decide: (_now, grams: number) => [{ type: 'Weighed' as const, data: { grams } }],
});

test('old events are read as new ones, by commands and by projections; who is older than an event decides nothing on it', async (t) => {
  const { store, database } = await start(t);
  await store.execute(old, '1', 2);
  assert.equal((await store.find(parcel, '1')).state, 1_000);
  await store.execute(parcel, '1', 750);
  assert.equal((await store.find(parcel, '1')).state, 750);
  const seen: unknown[] = [];
  const projection = defineProjection({
    name: 'weights',
    mode: 'catch-up',
    aggregates: [parcel],
    handle: async (events) => void seen.push(...events.map(({ data }) => data)),
    reset: async () => void seen.splice(0),
  });
  await rebuild(database, projection, 10);
  assert.deepEqual(seen, [{ grams: 1_000 }, { grams: 750 }]);
  await assert.rejects(store.execute(old, '1', 3), { statusCode: 503, message: /from a later release/ });
});
