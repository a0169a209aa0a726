import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publish } from '../src/platform/events/outbox.ts';
import { type Call, Refused, saga } from '../src/platform/sagas/saga.ts';
import { startApp } from './support/app.ts';
import { testBroker } from './support/broker.ts';
import { counted, published } from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const broker = await testBroker();

test('a step publishes under its key: once, with its change, although it runs twice', async (t) => {
  const attempts: string[] = [];
  /** Fails once after its commit, when the event is on its way: as a process that dies before the step is recorded. */
  const change =
    (n: number) =>
    async ({ app, key }: Call<object>): Promise<void> => {
      await app.database.transaction(async (tx) => {
        await tx.query('insert into test_changes values ($1) on conflict do nothing', [key]);
        await publish(tx, counted, { key: 'order-1', n }, { key: 'order-1', id: key });
      });
      attempts.push(key);
      if (attempts.filter((one) => one === key).length === 1) throw new Error('nobody heard of the commit');
    };
  const publishing = saga<object>('publishing')
    .step('change', change(1), change(2))
    .step('refuse', async () => Promise.reject(new Refused('no')), undefined)
    .returns(() => undefined);
  const { app } = await startApp(t, {
    env: { ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10', SAGA_RETRY_DELAY_MS: '10' },
    extend: async (extended) => extended.sagas.add(publishing),
  });
  await app.database.query('create table test_changes (key text primary key)');

  await app.sagas.start(publishing, '1', {});
  await eventually(
    'the saga is compensated',
    async () => (await app.sagas.status(publishing, '1'))?.state === 'compensated',
  );
  await eventually('the outbox is empty', async () => (await app.database.query('select from outbox')).rowCount === 0);

  const keys = ['publishing:1:change', 'publishing:1:undo-change'];
  assert.deepEqual(
    attempts,
    keys.flatMap((key) => [key, key]),
  );
  const messages = await published(app, counted.subject);
  assert.deepEqual(
    messages.map(({ headers, data }) => [headers['ce-id'], JSON.parse(data)]),
    keys.map((key, index) => [key, { key: 'order-1', n: index + 1 }]),
  );
});
