import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Broker, StoredMessage } from '../src/platform/events/broker.ts';
import { defineEvent } from '../src/platform/events/event.ts';
import { publish } from '../src/platform/events/outbox.ts';
import { Relay } from '../src/platform/events/relay.ts';
import { forgetKeys } from '../src/platform/events/retention.ts';
import { Database } from '../src/platform/postgres/database.ts';
import { createPool } from '../src/platform/postgres/pool.ts';
import { startApp } from './support/app.ts';
import { testBroker } from './support/broker.ts';
import { door } from './support/door.ts';
import { counted, published } from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { testDatabase } from './support/postgres.ts';

const broker = await testBroker();

/** Every test has an outbox of its own; they share the broker, so each uses other keys. */
const environment = async () => ({ ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10' });

const about = async (app: Parameters<typeof published>[0], key: string): Promise<StoredMessage[]> =>
  (await published(app, counted.subject)).filter(({ headers }) => headers['ce-partitionkey'] === key);

const isEmpty = async (app: Parameters<typeof published>[0]): Promise<boolean> =>
  (await app.database.query('select 1 from outbox')).rowCount === 0;

test('an event leaves with its change, or not at all', async (t) => {
  const { app } = await startApp(t, { env: await environment() });
  const refused = app.database.transaction(async (tx) => {
    await publish(tx, counted, { key: 'lost', n: 1 }, { key: 'lost' });
    throw new Error('the change is refused');
  });
  await assert.rejects(refused, /refused/);
  await app.database.transaction((tx) => publish(tx, counted, { key: 'kept', n: 1 }, { key: 'kept' }));

  const [message] = await eventually('it is published', async () => {
    const found = (await published(app, counted.subject)).filter(
      ({ headers }) => headers['ce-partitionkey'] === 'kept',
    );
    return found.length > 0 ? found : undefined;
  });
  assert.equal((await about(app, 'lost')).length, 0);
  const headers = Object.fromEntries(
    ['ce-specversion', 'ce-type', 'ce-dataschema', 'ce-sequence', 'ce-follows', 'content-type'].map((name) => [
      name,
      message?.headers[name],
    ]),
  );
  assert.deepEqual(headers, {
    'ce-specversion': '1.0',
    'ce-type': 'tests.counted.v1',
    'ce-dataschema': 'urn:event:tests.counted.v1',
    'ce-sequence': '1',
    'ce-follows': '0',
    'content-type': 'application/json',
  });
  assert.equal(message?.data, '{"key":"kept","n":1}');
});

test('data that breaks the contract never leaves, and the change does not happen', async (t) => {
  const { app } = await startApp(t, { env: await environment() });
  const wrong = app.database.transaction((tx) => publish(tx, counted, { key: 'wrong', n: 1.5 }));
  await assert.rejects(wrong, { name: 'InvalidEvent', message: /tests\.counted\.v1 breaks its contract: data\.n/ });
});

test('an id that the caller chose is published once, however often', async (t) => {
  const { app } = await startApp(t, { env: await environment() });
  const once = () =>
    app.database.transaction((tx) => publish(tx, counted, { key: 'step', n: 1 }, { key: 'step', id: 'saga-1:charge' }));
  await Promise.all([once(), once(), once()]);
  await eventually('the outbox is empty', () => isEmpty(app));
  await once();
  await app.database.transaction((tx) => publish(tx, counted, { key: 'step', n: 2 }, { key: 'step' }));
  const messages = await eventually('both are published', async () => {
    const found = await about(app, 'step');
    return found.length === 2 ? found : undefined;
  });
  // The broker would drop the same id for two minutes; here nothing was published a second time.
  assert.deepEqual(
    messages.map(({ headers }) => headers['ce-sequence']),
    ['1', '2'],
  );
});

test('two replicas: every event once, those of one key in the order of their commits', async (t) => {
  // Changes of one key wait for each other, and the others for a connection.
  const env = { ...(await environment()), DATABASE_WAIT_MS: '60000' };
  const replicas = [await startApp(t, { env }), await startApp(t, { env })];
  const keys = ['red', 'green', 'blue'];
  await replicas[0]?.app.database.query('create table counters (key text primary key, n integer)');
  const bump = async (app: (typeof replicas)[0]['app'], key: string): Promise<void> =>
    app.database.transaction(async (tx) => {
      const { rows } = await tx.query<{ n: number }>(
        'insert into counters as c values ($1, 1) on conflict (key) do update set n = c.n + 1 returning n',
        [key],
      );
      await publish(tx, counted, { key, n: rows[0]?.n ?? 0 }, { key });
    });
  await Promise.all(Array.from({ length: 60 }, (_, i) => bump(replicas[i % 2]?.app as never, keys[i % 3] as string)));

  const { app } = replicas[0] as (typeof replicas)[0];
  for (const key of keys) {
    const messages = await eventually(`20 events of ${key}`, async () => {
      const found = await about(app, key);
      return found.length >= 20 ? found : undefined;
    });
    assert.deepEqual(
      messages.map(({ data }) => JSON.parse(data).n),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  }
});

test('while one relay sends no other does', async (t) => {
  const env = await environment();
  const { app: migrated } = await startApp(t, { env });
  await migrated.close();
  // Its own relay looks into another outbox.
  const { app } = await startApp(t, { env: await environment() });
  await app.broker.connected(30_000);
  const outbox = new Database(
    createPool({ url: env.DATABASE_URL, name: 'test', max: 1, waitMs: 60_000, onError() {} }),
  );
  t.after(() => outbox.pool.end());
  await outbox.transaction((tx) => publish(tx, counted, { key: 'turn', n: 1 }, { key: 'turn' }));
  let sent = 0;
  const gate = door();
  const start = () => {
    const pool = createPool({ url: env.DATABASE_URL, name: 'test', max: 1, waitMs: 60_000, onError() {} });
    const held = async (...message: Parameters<Broker['publish']>) => {
      sent += 1;
      await gate.opened;
      await app.broker.publish(...message);
    };
    const relay = new Relay({
      pool,
      broker: { isConnected: true, publish: held } as Broker,
      log: app.log,
      pollMs: 10,
      batchSize: 10,
      turnMs: 600_000,
      onSent() {},
      onParked() {},
    });
    relay.start();
    t.after(async () => {
      gate.open();
      await relay.stop();
      await pool.end();
    });
    return pool;
  };
  start();
  await eventually('one sends', () => sent === 1);
  let uses = 0;
  start().on('release', () => {
    uses += 1;
  });
  await eventually('the other has looked and asked for the turn', () => uses > 3 || sent > 1);
  assert.equal(sent, 1);
  gate.open();
  await eventually('the outbox is empty', async () => (await outbox.query('select from outbox')).rowCount === 0);
  assert.equal(sent, 1);
});

test('the broker away: changes go on, the service is degraded and ready, and nothing is lost', async (t) => {
  const { app, url } = await startApp(t, { env: await environment() });
  await broker.kill();
  await eventually('it is noticed', async () => {
    const health = (await (await fetch(`${url}/health`)).json()) as { status: string };
    return health.status === 'degraded';
  });
  await app.database.transaction((tx) => publish(tx, counted, { key: 'away', n: 1 }, { key: 'away' }));
  await untilReady(url);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^events_outbox_waiting 1$/m);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^events_outbox_age_seconds [\d.]+$/m);

  await broker.restart();
  await eventually('it is published', async () => app.broker.isConnected && (await about(app, 'away')).length === 1);
  // A row leaves the outbox a moment after its event was seen in the stream.
  await eventually('the outbox is empty', () => isEmpty(app));
});

const n = (message: StoredMessage): number => JSON.parse(message.data).n;

/** Makes a row in the outbox one that the broker will never take: its headers are too long. */
const spoil = (app: Parameters<typeof published>[0], which: string): Promise<unknown> =>
  app.database.query(
    `update outbox set headers = headers || jsonb_build_object('x-note', repeat('x', 70000)) where ${which}`,
  );

test('what the broker refuses is parked, and stands in nobody’s way, not even in that of its own key', async (t) => {
  const { app, url } = await startApp(t, { env: await environment() });
  await broker.kill();
  await eventually('it is noticed', () => !app.broker.isConnected);
  for (let i = 1; i <= 5; i += 1)
    await app.database.transaction((tx) => publish(tx, counted, { key: 'bad', n: i }, { key: 'bad' }));
  await app.database.transaction((tx) => publish(tx, counted, { key: 'good', n: 1 }, { key: 'good' }));
  await spoil(app, `data like '%"n":2%' or data like '%"n":3%' or data like '%"n":5%'`);
  await broker.restart();

  await eventually('the others are published', async () =>
    app.broker.isConnected ? (await about(app, 'bad')).length === 2 && (await about(app, 'good')).length === 1 : false,
  );
  assert.deepEqual((await about(app, 'bad')).map(n), [1, 4]);
  await eventually('three are parked', async () =>
    /^events_parked 3$/m.test(await (await fetch(`${url}/metrics`)).text()),
  );
  await app.database.transaction((tx) => publish(tx, counted, { key: 'bad', n: 6 }, { key: 'bad' }));
  const messages = await eventually('the next one is published', async () => {
    const found = await about(app, 'bad');
    return found.length === 3 ? found : undefined;
  });
  // Who reads knows that nothing is missing between them.
  assert.deepEqual(
    messages.map(({ headers }) => [headers['ce-sequence'], headers['ce-follows']]),
    [
      ['1', '0'],
      ['4', '1'],
      ['6', '4'],
    ],
  );
});

test('a subject that no stream takes waits by itself: 300 events of it stop no other', async (t) => {
  const { app } = await startApp(t, { env: await environment() });
  await app.broker.connected(30_000);
  const { streams } = await app.broker.manager();
  await streams.add({ name: 'FULL', subjects: ['full.>'], max_msgs: 1, discard: 'new' as never });
  const full = defineEvent('full.counted', { version: 1, data: counted.schema });
  await app.database.transaction(async (tx) => {
    for (let i = 0; i < 300; i += 1) await publish(tx, full, { key: 'full', n: i }, { key: 'full' });
  });
  await eventually('one is refused', async () => {
    const text = await app.metrics.getSingleMetricAsString('events_outbox_waiting');
    return /events_outbox_waiting 299$/m.test(text);
  });
  await app.database.transaction((tx) => publish(tx, counted, { key: 'free', n: 1 }, { key: 'free' }));
  await eventually('the other is published', async () => (await about(app, 'free')).length === 1);
  await streams.update('FULL', { max_msgs: -1 });
  await eventually('the rest follows', () => isEmpty(app), 60_000);
  const messages = await published(app, full.subject);
  assert.deepEqual(
    messages.map(n),
    Array.from({ length: 300 }, (_, i) => i),
  );
});

test('a key that was forgotten begins above all numbers that were', async (t) => {
  const { app } = await startApp(t, { env: await environment() });
  const send = (i: number) =>
    app.database.transaction((tx) => publish(tx, counted, { key: 'rare', n: i }, { key: 'rare' }));
  for (let i = 1; i <= 3; i += 1) await send(i);
  // In a transaction, so that the service itself, which forgets too, does not see it.
  await app.database.transaction(async (tx) => {
    await tx.query('update outbox_keys set used_on = current_date - 61');
    await tx.query(
      "insert into inbox_keys values ('c', 'old', 3, current_date - 61), ('c', 'young', 3, current_date - 59)",
    );
    assert.equal(await forgetKeys(tx, 60, 1), true);
    assert.equal((await tx.query('select from outbox_keys')).rowCount, 0);
    assert.deepEqual((await tx.query('select key from inbox_keys')).rows, [{ key: 'young' }]);
    assert.equal(await forgetKeys(tx, 60, 1), false);
  });
  await send(4);
  await send(5);
  const messages = await eventually('all are published', async () => {
    const found = await about(app, 'rare');
    return found.length === 5 ? found : undefined;
  });
  assert.deepEqual(
    messages.map(({ headers }) => [headers['ce-sequence'], headers['ce-follows']]),
    [
      ['1', '0'],
      ['2', '1'],
      ['3', '2'],
      ['4', '0'],
      ['5', '4'],
    ],
  );
});
