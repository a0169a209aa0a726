import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { Consumer } from '../src/platform/events/consumer.ts';
import { defineEvent, type EventType } from '../src/platform/events/event.ts';
import { publish } from '../src/platform/events/outbox.ts';
import { listParked, retryParked } from '../src/platform/events/parked.ts';
import { subscribe } from '../src/platform/events/subscription.ts';
import { startApp } from './support/app.ts';
import { testBroker } from './support/broker.ts';
import { published } from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const subject = 'tests.priced';
const first = defineEvent(subject, { version: 1, data: Type.Object({ n: Type.Integer(), euros: Type.Integer() }) });
const data = Type.Object({ n: Type.Integer(), cents: Type.Integer() });
const upcast = ({ n, euros }: { n: number; euros: number }) => ({ n, cents: euros * 100 });
const downcast = ({ n, cents }: { n: number; cents: number }) => ({ n, euros: cents / 100 });
/** Published as both versions, while subscribers know the first only. */
const both = defineEvent(subject, { version: 2, data, previous: { event: first, upcast, downcast } });
const second = defineEvent(subject, { version: 2, data, previous: { event: first, upcast } });

/** A publisher and a subscriber are two services in truth; what they share here are the servers. */
async function start(t: TestContext) {
  const broker = await testBroker();
  const env = { ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10' };
  const { app, logs } = await startApp(t, { env });
  await app.broker.connected(30_000);
  await app.database.query(
    'create table test_priced (at bigint generated always as identity, n integer, cents integer)',
  );
  return { app, logs };
}

async function handling<Data>(app: FastifyInstance, event: EventType<Data>, centsOf: (data: Data) => [number, number]) {
  const consumer = new Consumer({
    app,
    broker: app.broker,
    subscription: subscribe(event, async ({ data }, { tx }) => {
      await tx.query('insert into test_priced (n, cents) values ($1, $2)', centsOf(data));
    }),
    metrics: app.eventMetrics,
    ackWaitMs: 2_000,
    retryDelayMs: 5,
    drainMs: 5_000,
  });
  consumer.start();
  await eventually('the consumer runs', () => consumer.isRunning);
  return consumer;
}

const asFirst = (app: FastifyInstance) => handling(app, first, ({ n, euros }) => [n, euros * 100]);
const asSecond = (app: FastifyInstance) => handling(app, second, ({ n, cents }) => [n, cents]);

const publishAs = (app: FastifyInstance, event: EventType, value: object) =>
  app.database.transaction((tx) => publish(tx, event, value, { key: 'one' }));

const untilHandled = (app: FastifyInstance, consumer: Consumer, expected: [number, number][]) =>
  eventually(`${expected.length} are handled and nothing waits`, async () => {
    const { rows } = await app.database.query<{ n: number; cents: number }>(
      'select n, cents from test_priced order by at',
    );
    if (rows.length < expected.length || (await consumer.lag()) > 0) return false;
    assert.deepEqual(
      rows.map(({ n, cents }) => [n, cents]),
      expected,
    );
    return true;
  });

test('the subscriber is updated first: it reads the old version and the new one, in order', async (t) => {
  const { app } = await start(t);
  const consumer = await asSecond(app);
  t.after(() => consumer.stop());
  await publishAs(app, first, { n: 1, euros: 3 });
  await publishAs(app, second, { n: 2, cents: 450 });
  await publishAs(app, first, { n: 3, euros: 5 });
  await untilHandled(app, consumer, [
    [1, 300],
    [2, 450],
    [3, 500],
  ]);
});

test('the publisher is updated first: the new version waits for who knows it, in order, and is no dead letter', async (t) => {
  const { app, logs } = await start(t);
  const old = await asFirst(app);
  await publishAs(app, first, { n: 1, euros: 1 });
  await publishAs(app, second, { n: 2, cents: 250 });
  await publishAs(app, first, { n: 3, euros: 3 });
  // More often than any attempt would be granted.
  const waits = () => logs.filter(({ msg }) => String(msg).includes('waits until this service knows it')).length;
  await eventually('it waits', () => waits() > 12);
  const told = await app.metrics.getSingleMetricAsString('events_version_waits_total');
  assert.match(told, /events_version_waits_total\{subject="tests\.priced"\} \d\d/);
  assert.equal((await app.database.query('select from test_priced')).rowCount, 1);
  await old.stop();
  const updated = await asSecond(app);
  t.after(() => updated.stop());
  await untilHandled(app, updated, [
    [1, 100],
    [2, 250],
    [3, 300],
  ]);
  assert.ok(!logs.some(({ msg }) => msg === 'an event became a dead letter'));
});

test('published as both: replicas of before and after the update handle each event once, in order', async (t) => {
  const { app } = await start(t);
  const [old, updated] = [await asFirst(app), await asSecond(app)];
  t.after(() => Promise.all([old.stop(), updated.stop()]));
  const count = 40;
  for (let n = 1; n <= count; n += 1) await publishAs(app, both, { n, cents: n * 100 });
  await untilHandled(
    app,
    updated,
    Array.from({ length: count }, (_, i) => [i + 1, (i + 1) * 100]),
  );
});

test('published as both: who never hears of the new version gets every event', async (t) => {
  const { app } = await start(t);
  const old = await asFirst(app);
  t.after(() => old.stop());
  for (const n of [1, 2, 3]) await publishAs(app, both, { n, cents: n * 100 });
  await untilHandled(app, old, [
    [1, 100],
    [2, 200],
    [3, 300],
  ]);
});

/** Publishes 1 to 3 as both versions; one form of the second is one that the broker refuses. */
async function publishAllButOne(app: FastifyInstance, { type }: EventType): Promise<void> {
  for (const n of [1, 2, 3]) {
    await app.database.transaction(async (tx) => {
      await publish(tx, both, { n, cents: n * 100 }, { key: 'one' });
      if (n === 2)
        await tx.query(
          `update outbox set headers = headers || jsonb_build_object('x-note', repeat('x', 70000))
           where headers ->> 'ce-type' = $1 and data like '%"n":2%'`,
          [type],
        );
    });
  }
}

async function retryAll({ database }: FastifyInstance): Promise<void> {
  const [parked] = await eventually('one is parked', async () => {
    const all = await listParked(database.pool);
    return all.length > 0 ? all : undefined;
  });
  await database.query("update outbox set headers = headers - 'x-note' where parked_at is not null");
  assert.deepEqual(await retryParked(database.pool, [parked?.id ?? '']), [parked?.id]);
  await eventually('the outbox is empty', async () => (await database.query('select from outbox')).rowCount === 0);
}

for (const [who, subscribed] of Object.entries({ 'only version 1': asFirst, 'both versions': asSecond }))
  test(`published as both, and the newer form is parked: who knows ${who} has the event in order, and once`, async (t) => {
    const { app } = await start(t);
    const consumer = await subscribed(app);
    t.after(() => consumer.stop());
    await publishAllButOne(app, both);
    const all: [number, number][] = [1, 2, 3].map((n) => [n, n * 100]);
    await untilHandled(app, consumer, all);
    await retryAll(app);
    await publishAs(app, both, { n: 4, cents: 400 });
    await untilHandled(app, consumer, [...all, [4, 400]]);
    // Each form has a number of its own, and who reads knows that none is missing.
    assert.deepEqual(
      (await published(app, subject)).map(({ headers }) => [headers['ce-sequence'], headers['ce-follows']]),
      [
        ['1', '0'],
        ['2', '1'],
        ['4', '2'],
        ['5', '4'],
        ['6', '5'],
        ['3', '2'],
        ['7', '6'],
        ['8', '7'],
      ],
    );
  });

test('published as both, and the older form is parked: who knows that one only gets it late, and holds up no other', async (t) => {
  const { app } = await start(t);
  const old = await asFirst(app);
  t.after(() => old.stop());
  await publishAllButOne(app, first);
  const others: [number, number][] = [
    [1, 100],
    [3, 300],
  ];
  await untilHandled(app, old, others);
  await retryAll(app);
  await untilHandled(app, old, [...others, [2, 200]]);
});

test('a version that nobody can read is refused, by name', () => {
  assert.equal(second.isNewer(`${subject}.v3`), true);
  assert.equal(second.isNewer(`${subject}.v2`), false);
  assert.equal(second.isNewer('tests.other.v9'), false);
  assert.throws(() => second.read(`${subject}.v0`, {}), { name: 'InvalidEvent', message: /handles tests\.priced\.v1/ });
});
