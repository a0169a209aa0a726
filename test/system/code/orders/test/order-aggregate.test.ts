import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import order, { type OrderCommand } from '../src/aggregates/order/order.ts';
import { startApp } from './support/app.ts';
import { testDatabase } from './support/postgres.ts';

const database = await testDatabase();
const opened: OrderCommand = { type: 'Opened', data: { sku: 'book', quantity: 1, cents: 500 } };
const confirmed: OrderCommand = { type: 'Confirmed', data: {} };
const cancelled: OrderCommand = { type: 'Cancelled', data: {} };

test('pure: an order is opened, then confirmed or cancelled, and nothing happens out of turn', () => {
  const { decide } = order;
  assert.deepEqual(decide(order.initial, opened), [opened]);
  const open = order.evolve(order.initial, opened);
  assert.deepEqual(decide(open, confirmed), [confirmed]);
  assert.deepEqual(order.evolve(open, confirmed), { phase: 'confirmed' });
  const refused = { kind: 'order-not-in-turn' };
  assert.throws(() => decide(order.initial, confirmed), refused);
  assert.throws(() => decide(open, opened), refused);
});

test('an order that is cancelled before it has come never opens', () => {
  const gone = order.evolve(order.initial, cancelled);
  assert.deepEqual(gone, { phase: 'cancelled' });
  for (const command of [opened, confirmed, cancelled])
    assert.throws(() => order.decide(gone, command), { kind: 'order-not-in-turn' });
});

test('of many who open one order at once one does, and a command that is sent twice happens once', async (t) => {
  const { app } = await startApp(t, { env: { DATABASE_URL: database } });
  const id = randomUUID();
  const open = (commandId: string) => app.eventStore.execute(order, id, opened, { commandId });
  const race = await Promise.allSettled(Array.from({ length: 10 }, (_, number) => open(`${id}-${number}`)));
  const [first] = race.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []));
  assert.equal(race.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal((await open(`${id}-${first}`)).version, 1);
  assert.deepEqual((await app.eventStore.find(order, id)).state, { phase: 'open' });
});
