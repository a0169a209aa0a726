import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { publish } from '../src/platform/events/outbox.ts';
import { dropParked, retryParked } from '../src/platform/events/parked.ts';
import { startApp } from './support/app.ts';
import { noBroker, testBroker } from './support/broker.ts';
import { counted, published } from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';
import { programArgs } from './support/process.ts';

test('parked events are listed, sent again and dropped', async (t) => {
  const broker = await testBroker();
  const env = { ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10' };
  const { app } = await startApp(t, { env });
  const outbox = (...args: string[]) => {
    const command = [...programArgs('outbox-command'), ...args];
    return spawnSync(process.execPath, command, { env: { ...process.env, ...env }, encoding: 'utf8' });
  };
  assert.equal(outbox('list').stdout, '0 parked events\n');
  await app.broker.connected(30_000);
  const { streams } = await app.broker.manager();
  await streams.add({ name: 'TESTS', subjects: ['tests.>'], max_msg_size: 500 });
  const data = { key: 'a'.repeat(1_000), n: 1 };
  for (const id of ['large-1', 'large-2'])
    await app.database.transaction((tx) => publish(tx, counted, data, { key: 'a', id }));
  const list = await eventually(
    'both are parked',
    () => {
      const { stdout } = outbox('list');
      return stdout.endsWith('2 parked events\n') ? stdout : undefined;
    },
    60_000,
  );
  assert.match(list, /^1 {2}tests\.counted {2}large-1 {2}\S+Z {2}message size exceeds maximum allowed\n2 /);

  assert.equal(outbox('drop', '1').stdout, '1 is dropped\n');
  await streams.update('TESTS', { max_msg_size: -1 });
  assert.equal(outbox('retry', '--all').stdout, '2 is sent again\n');
  const messages = await eventually('it is published', async () => {
    const found = await published(app, counted.subject);
    return found.length > 0 ? found : undefined;
  });
  assert.deepEqual(
    messages.map(({ headers }) => headers['ce-id']),
    ['large-2'],
  );
  assert.equal(outbox('list').stdout, '0 parked events\n');
  const missing = outbox('retry', '1');
  assert.deepEqual([missing.status, missing.stderr], [1, 'There is no parked event 1: see "list".\n']);
  assert.equal(outbox('drop', '--all').status, 2);
  assert.equal(outbox().status, 2);
});

test('on a database without its tables it says what makes them', async () => {
  const env = { ...process.env, DATABASE_URL: await testDatabase() };
  const { status, stderr } = spawnSync(process.execPath, [...programArgs('outbox-command'), 'list'], {
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /lacks a migration \(npm run migrate/);
});

test('only what is parked is dropped, or sent again', async (t) => {
  const { app } = await startApp(t, { env: { ...noBroker, DATABASE_URL: await testDatabase() } });
  await app.database.transaction((tx) => publish(tx, counted, { key: 'a', n: 1 }, { key: 'a' }));
  const { pool } = app.database;
  assert.deepEqual([await retryParked(pool, ['1']), await dropParked(pool, ['1'])], [[], []]);
  assert.equal((await pool.query('select from outbox')).rowCount, 1);
});
