import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { defineAggregate } from '../src/platform/event-store/aggregate.ts';
import { EventStore } from '../src/platform/event-store/execute.ts';
import { forget } from '../src/platform/event-store/forget.ts';
import { defineProjection } from '../src/platform/event-store/projection.ts';
import { advisoryLocks } from '../src/platform/postgres/advisory-locks.ts';
import type { Database } from '../src/platform/postgres/database.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const booking = defineAggregate('booking', {
  events: { Booked: Type.Object({ guest: Type.String(), name: Type.String(), nights: Type.Integer() }) },
  state: Type.Object({ names: Type.Array(Type.String()), nights: Type.Integer() }),
  initial: { names: [] as string[], nights: 0 },
  evolve: ({ names, nights }, { data }) => ({ names: [...names, data.name], nights: nights + data.nights }),
  decide: (_now, data: { guest: string; name: string; nights: number }) => [{ type: 'Booked' as const, data }],
  people: { Booked: { who: ({ guest }) => guest, forget: (data) => ({ ...data, name: '' }) } },
  snapshots: { every: 2 },
});

async function start(t: Parameters<typeof startApp>[0]) {
  const { app } = await startApp(t, { env: { DATABASE_URL: await testDatabase() } });
  return { database: app.database, store: new EventStore(app.database, []) };
}

/** Everything in this database that holds a text, by table. */
async function tablesWith(database: Database, text: string): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
  );
  const found = [];
  for (const { name } of rows) {
    const { rowCount } = await database.query(`select from "${name}" as t where strpos(t::text, $1) > 0`, [text]);
    if (rowCount) found.push(name);
  }
  return found;
}

test('who is forgotten stands nowhere any more; everybody else does, and all is replayed as before', async (t) => {
  const { database, store } = await start(t);
  const book = (guest: string, name: string) => store.execute(booking, 'room-1', { guest, name, nights: 2 });
  await book('g-1', 'Zoe Unique');
  await book('g-10', 'Max Other');
  await book('g-1', 'Zoe Unique');
  assert.deepEqual(await tablesWith(database, 'Zoe Unique'), ['aggregate_snapshots', 'domain_events']);

  assert.equal(await database.transaction((tx) => forget(tx, booking, 'g-1')), 2);
  assert.deepEqual(await tablesWith(database, 'Zoe Unique'), []);
  const left = { state: { names: ['', 'Max Other', ''], nights: 6 }, version: 3 };
  assert.deepEqual(await store.find(booking, 'room-1'), left);
  assert.equal((await book('g-10', 'Max Other')).version, 4);
  assert.equal(await database.transaction((tx) => forget(tx, booking, 'nobody')), 0);
});

test('a command under way ends before, and what it writes is forgotten too', async (t) => {
  const { database } = await start(t);
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = defineProjection({ name: 'slow', mode: 'inline', aggregates: ['booking'], handle: () => held });
  const guest = { guest: 'g-1', name: 'Zoe Unique', nights: 1 };
  const command = new EventStore(database, [slow]).execute(booking, 'room-1', guest);
  const waiting = async (granted: boolean) => {
    const text = "select from pg_locks where locktype = 'advisory' and classid = $1 and granted = $2";
    return (await database.query(text, [advisoryLocks.forgetting, granted])).rowCount === 1;
  };
  await eventually('the command is under way', () => waiting(true));
  const forgetting = database.transaction((tx) => forget(tx, booking, 'g-1'));
  await eventually('the other waits for it', () => waiting(false));
  goOn();
  await command;
  assert.equal(await forgetting, 1);
  assert.deepEqual(await tablesWith(database, 'Zoe Unique'), []);
});
