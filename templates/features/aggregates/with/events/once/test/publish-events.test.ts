import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { defineAggregate, type EventOf } from '../src/platform/event-store/aggregate.ts';
import { EventStore } from '../src/platform/event-store/execute.ts';
import { publishEvents } from '../src/platform/event-store/publish-events.ts';
import { defineEvent } from '../src/platform/events/event.ts';
import { startApp } from './support/app.ts';
import { noBroker } from './support/broker.ts';
import { testDatabase } from './support/postgres.ts';

const shipped = defineEvent('tests.shipped', { version: 1, data: Type.Object({ id: Type.String() }) });
const parcel = defineAggregate('parcel', {
  events: { Packed: Type.Object({}), Shipped: Type.Object({}) },
  state: Type.String(),
  initial: '',
  evolve: (_last, { type }) => type,
  decide: (_last, type: 'Packed' | 'Shipped') => [{ type, data: {} }],
});
const published = publishEvents<EventOf<typeof parcel.events>>('parcel', {
  Shipped: ({ aggregateId }) => [shipped, { id: aggregateId }],
});

test('what an aggregate publishes waits in the outbox as soon as it has happened, and only then', async (t) => {
  // No broker answers there, so what is published stays in the outbox.
  const { app } = await startApp(t, { env: { DATABASE_URL: await testDatabase(), ...noBroker } });
  const store = new EventStore(app.database, [published]);
  const waiting = async () => (await app.database.query('select subject, key, data from outbox order by id')).rows;

  await store.execute(parcel, 'p-1', 'Packed');
  assert.deepEqual(await waiting(), []);
  await store.execute(parcel, 'p-1', 'Shipped');
  assert.deepEqual(await waiting(), [{ subject: 'tests.shipped', key: 'p-1', data: '{"id":"p-1"}' }]);
  await assert.rejects(store.execute(parcel, 'p-1', 'Shipped', { expectedVersion: 1 }), /has changed/);
  assert.equal((await waiting()).length, 1);
});
