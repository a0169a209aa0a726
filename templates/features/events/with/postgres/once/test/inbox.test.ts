import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { QueuedMessage } from '../src/platform/events/broker.ts';
import { encode, type Message } from '../src/platform/events/cloud-event.ts';
import type { Consumer } from '../src/platform/events/consumer.ts';
import { countDeadLetters, deadLetters, replay } from '../src/platform/events/dead-letter.ts';
import { removeExpired } from '../src/platform/events/retention.ts';
import { startApp } from './support/app.ts';
import { noBroker, testBroker } from './support/broker.ts';
import { door } from './support/door.ts';
import {
  counted,
  effects,
  prepareConsumer,
  published,
  startConsumer,
  untilEffects,
  writeEffect,
} from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { testDatabase } from './support/postgres.ts';

/** An app with a broker and a database of its own. */
const startOwnApp = async (t: Parameters<typeof startApp>[0]) => {
  const broker = await testBroker();
  return startApp(t, { env: { ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10' } });
};

/** A message as the outbox would send it. */
function message(key: string, n: number, id = `${key}-${n}`): Message {
  const encoded = encode(counted, { key, n }, { id, key });
  return { ...encoded, headers: { ...encoded.headers, 'ce-sequence': String(n) } };
}

/** Publishes a message to a replica that dies with it: it comes again. */
async function takeOne(app: FastifyInstance, { name, subject }: Consumer, one: Message): Promise<void> {
  const queue = await app.broker.queue({ name, subject, from: 'all', ackWaitMs: 2_000 });
  await app.broker.publish(one);
  const deliveries = await queue.take(1);
  for await (const { headers } of deliveries) {
    assert.equal(headers['ce-id'], one.headers['ce-id']);
    break;
  }
  await deliveries.close();
}

/** Sees every message on its way from the broker to a consumer that starts later, and may change how it is answered for. */
function watchDeliveries(app: FastifyInstance, change: (message: QueuedMessage) => QueuedMessage): void {
  const open = app.broker.queue.bind(app.broker);
  app.broker.queue = async (place) => {
    const queue = await open(place);
    const take = queue.take.bind(queue);
    queue.take = async (limit) => {
      const deliveries = await take(limit);
      return {
        close: () => deliveries.close(),
        async *[Symbol.asyncIterator]() {
          for await (const message of deliveries) yield change(message);
        },
      };
    };
    return queue;
  };
}

/** All is answered for: nothing waits, nothing is at work. */
const isDone = (consumer: Consumer) => async (): Promise<boolean> => (await consumer.lag()) === 0;

test('a service that is told to stop while it starts does stop', { timeout: 120_000 }, async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const { app } = await startOwnApp(t);
    await app.close();
  }
});

test('an event that arrives twice has its effect once', async (t) => {
  const { app } = await startOwnApp(t);
  const consumer = await startConsumer(t, app);
  await app.broker.publish(message('twice', 1));
  await untilEffects(app, 1);
  // Past the broker's own window for duplicates: another id for the message, the same event.
  await app.broker.publish({ ...message('twice', 1), id: 'again' });
  await eventually('both are answered for', isDone(consumer));
  assert.deepEqual(await effects(app), [{ key: 'twice', n: 1 }]);
  assert.equal((await published(app, counted.subject)).length, 2);
});

test('two replicas: an event that is late does not let the next ones of its key overtake it', async (t) => {
  const { app } = await startOwnApp(t);
  let failures = 0;
  const handle: typeof writeEffect = async (event, work) => {
    if (event.data.n === 2 && failures < 3) {
      failures += 1;
      throw new Error('not yet');
    }
    await writeEffect(event, work);
  };
  const replicas = [await startConsumer(t, app, { handle }), await startConsumer(t, app, { handle })];
  for (let n = 1; n <= 10; n += 1) {
    await app.broker.publish(message('late', n));
    await app.broker.publish(message(`other-${n}`, 1));
  }
  const done = (await untilEffects(app, 20)).filter(({ key }) => key === 'late');
  assert.deepEqual(
    done.map(({ n }) => n),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  await eventually('all is answered for', isDone(replicas[0] as Consumer));
  assert.equal((await effects(app)).length, 20);
});

test('an event whose predecessor is not in the stream any more is handled', async (t) => {
  const { app } = await startOwnApp(t);
  await startConsumer(t, app);
  await app.broker.publish(message('gap', 7));
  await untilEffects(app, 1);
});

test('a handler that fails leaves nothing behind, and is tried again', async (t) => {
  const { app } = await startOwnApp(t);
  let attempts = 0;
  await startConsumer(t, app, {
    async handle(event, work) {
      await writeEffect(event, work);
      attempts += 1;
      if (attempts < 3) throw new Error('half-way');
    },
  });
  await app.broker.publish(message('retry', 1));
  assert.deepEqual(await untilEffects(app, 1), [{ key: 'retry', n: 1 }]);
  assert.equal(attempts, 3);
});

test('a poisoned event becomes a dead letter, the key goes on, and a replay handles it', async (t) => {
  const { app } = await startOwnApp(t);
  let isMended = false;
  await startConsumer(t, app, {
    maxDeliver: 3,
    async handle(event, work) {
      if (event.data.n === 1 && !isMended) throw new Error('no such product');
      await writeEffect(event, work);
    },
  });
  await app.broker.publish(message('poison', 1));
  await app.broker.publish(message('poison', 2));
  assert.deepEqual(await untilEffects(app, 1), [{ key: 'poison', n: 2 }]);
  assert.equal(await countDeadLetters(app.broker), 1);

  isMended = true;
  for await (const letter of deadLetters(app.broker)) {
    assert.equal(letter.reason, 'no such product');
    assert.equal(letter.subject, counted.subject);
    assert.equal(letter.headers['ce-id'], 'poison-1');
    await replay(app.broker, letter);
  }
  assert.deepEqual(await untilEffects(app, 2), [
    { key: 'poison', n: 2 },
    { key: 'poison', n: 1 },
  ]);
  assert.equal(await countDeadLetters(app.broker), 0);
});

test('an event that was handled by a process that died before it said so is no dead letter', async (t) => {
  const { app } = await startOwnApp(t);
  const dying = await startConsumer(t, app);
  await dying.stop();
  await takeOne(app, dying, message('done', 1));
  await app.database.query('insert into inbox (consumer, event_id) values ($1, $2)', [dying.name, 'done-1']);

  const consumer = await startConsumer(t, app, { maxDeliver: 1 });
  await eventually('it is answered for', isDone(consumer));
  assert.equal(await countDeadLetters(app.broker), 0);
  assert.deepEqual(await effects(app), []);
});

test('a dead letter lets its key go on, whatever else waits', async (t) => {
  const { app } = await startOwnApp(t);
  await startConsumer(t, app, {
    maxDeliver: 1_000,
    async handle(event, work) {
      if (event.data.key === 'stuck') throw new Error('not yet');
      await writeEffect(event, work);
    },
  });
  await app.broker.publish(message('stuck', 1));
  await app.broker.publish({ ...message('buried', 1), data: '{' });
  await app.broker.publish(message('buried', 2));
  await untilEffects(app, 1);
  assert.equal(await countDeadLetters(app.broker), 1);
});

test('a dead letter that is sent to another consumer again is none of ours', async (t) => {
  const { app } = await startOwnApp(t);
  const consumer = await startConsumer(t, app);
  const { headers, ...sent } = message('other', 1);
  await app.broker.publish({ ...sent, headers: { ...headers, 'replay-for': 'another_consumer' } });
  await app.broker.publish(message('own', 1));
  await eventually('both are answered for', isDone(consumer));
  assert.deepEqual(await effects(app), [{ key: 'own', n: 1 }]);
});

test('what waits for its next try is not delivered again meanwhile', async (t) => {
  const { app } = await startOwnApp(t);
  let deliveries = 0;
  watchDeliveries(app, (one) => {
    deliveries += 1;
    return one;
  });
  let attempts = 0;
  const handle: typeof writeEffect = async (event, work) => {
    attempts += 1;
    if (attempts === 1) throw new Error('not yet');
    await writeEffect(event, work);
  };
  const consumer = await prepareConsumer(app, { handle }, { ackWaitMs: 3_000, retryDelayMs: 10_000 });
  t.after(() => consumer.stop());
  consumer.start();
  await app.broker.publish(message('patient', 1));
  await untilEffects(app, 1);
  assert.deepEqual([attempts, deliveries], [2, 1]);
});

test('what a process holds when it is told to stop is handled by another at once', async (t) => {
  const gate = door(t);
  const { app } = await startOwnApp(t);
  const at = { work: 0 };
  const handle: typeof writeEffect = async (event, work) => {
    at.work += 1;
    await gate.opened;
    await writeEffect(event, work);
  };
  const start = async () => {
    const consumer = await prepareConsumer(app, { handle, concurrency: 2 }, { ackWaitMs: 600_000 });
    t.after(() => consumer.stop());
    consumer.start();
    return consumer;
  };
  const leaving = await start();
  for (let n = 1; n <= 10; n += 1) await app.broker.publish(message(`key-${n}`, 1));
  await eventually('two are at work', () => at.work === 2);
  const stopped = leaving.stop();
  gate.open();
  await stopped;
  await start();
  await untilEffects(app, 10);
});

test('an answer that is given as the service stops still reaches the broker', async (t) => {
  const broker = await testBroker();
  const env = { ...broker.env, DATABASE_URL: await testDatabase() };
  const { app } = await startApp(t, { env });
  const closed = door();
  watchDeliveries(app, (one) => ({
    ...one,
    ack() {
      one.ack();
      void app.broker.close().then(closed.open);
    },
  }));
  await startConsumer(t, app);
  await app.broker.publish(message('last', 1));
  await closed.opened;

  const next = await startApp(t, { env });
  await next.app.broker.connected(30_000);
  const consumer = await prepareConsumer(next.app);
  await eventually('it is answered for', isDone(consumer));
});

test('a process that dies before it tells of a dead letter: it is not tried anew, but as often as any other once it is sent again', async (t) => {
  const { app } = await startOwnApp(t);
  let delivered = 0;
  watchDeliveries(app, (one) => ({ ...one, term: delivered++ === 0 ? () => undefined : one.term }));
  let attempts = 0;
  let failing = 2;
  const consumer = await startConsumer(t, app, {
    maxDeliver: 2,
    async handle(event, work) {
      attempts += 1;
      if (attempts <= failing) throw new Error('not yet');
      await writeEffect(event, work);
    },
  });
  await app.broker.publish(message('told', 1));
  await eventually('it is answered for', async () => delivered > 1 && (await isDone(consumer)()));
  assert.equal(attempts, 2);
  assert.equal(await countDeadLetters(app.broker), 1);

  failing = 3;
  for await (const letter of deadLetters(app.broker)) await replay(app.broker, letter);
  await untilEffects(app, 1);
  assert.equal(attempts, 4);
});

test('what is no event of ours, or breaks its contract, becomes a dead letter at once', async (t) => {
  const { app } = await startOwnApp(t);
  let calls = 0;
  await startConsumer(t, app, {
    handle: async () => {
      calls += 1;
    },
  });
  const right = message('wrong', 1);
  await app.broker.publish({ ...right, id: 'hello', headers: {}, data: 'hello' });
  await app.broker.publish({ ...right, id: 'a', data: '{"key":1}' });
  await app.broker.publish({ ...right, id: 'b', headers: { ...right.headers, 'ce-type': 'tests.other.v1' } });
  await app.broker.publish({ ...right, id: 'c', data: '{' });
  await eventually('four dead letters', async () => (await countDeadLetters(app.broker)) === 4);
  const reasons: string[] = [];
  for await (const { reason } of deadLetters(app.broker)) reasons.push(reason);
  assert.match(
    reasons.join('\n'),
    /no CloudEvent[\s\S]*breaks its contract[\s\S]*this is tests\.other\.v1[\s\S]*not JSON/,
  );
  assert.equal(calls, 0);
});

test('whatever stands in an event that is not ours, it becomes a dead letter', async (t) => {
  const { app } = await startOwnApp(t);
  await startConsumer(t, app);
  const { headers, ...right } = message('hostile', 1);
  // A reason is cut after a number of characters: of these two, one in the middle of a sign of two.
  for (const type of ['😀'.repeat(600), `x${'😀'.repeat(600)}`])
    await app.broker.publish({ ...right, id: type, headers: { ...headers, 'ce-type': type } });
  await app.broker.publish({ ...right, id: 'nul', headers: { ...headers, 'ce-partitionkey': 'a%00' } });
  await eventually('three dead letters', async () => (await countDeadLetters(app.broker)) === 3);
});

test('a dead letter that its stream refuses is kept, /health says so, and it is stored once there is room', async (t) => {
  const { app, url } = await startOwnApp(t);
  await app.broker.connected(30_000);
  const { streams } = await app.broker.manager();
  await streams.add({ name: 'LETTERS', subjects: ['dead-letters.>'], max_msg_size: 100 });
  const consumer = await startConsumer(t, app);
  await app.broker.publish({ ...message('large', 1), data: '{' });
  await eventually('it says why', () => /dead letters.*size/.test(consumer.error?.message ?? ''));
  await streams.update('LETTERS', { max_msg_size: -1 });
  await eventually('it is stored', async () => (await countDeadLetters(app.broker)) === 1);
  await eventually('all is well', () => consumer.error === undefined);
  await untilReady(url);
});

test('what was given back and never tried is tried, however few attempts there are', async (t) => {
  const { app } = await startOwnApp(t);
  const consumer = await prepareConsumer(app, { maxDeliver: 1 });
  await app.broker.connected(30_000);
  await takeOne(app, consumer, message('given', 1));
  t.after(() => consumer.stop());
  consumer.start();
  await untilEffects(app, 1);
  assert.equal(await countDeadLetters(app.broker), 0);
});

test('while the database is away events wait: none becomes a dead letter, none is lost', async (t) => {
  const { app } = await startOwnApp(t);
  await startConsumer(t, app, { maxDeliver: 2 });
  const real = app.database.pool.connect;
  const query = app.database.pool.query;
  let refusals = 0;
  const refused = () => {
    refusals += 1;
    return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  };
  app.database.pool.connect = refused as never;
  app.database.pool.query = refused as never;
  await app.broker.publish(message('away', 1));
  // The first delivery asks for the database twice, each further one once.
  await eventually('it was delivered more often than events are tried', () => refusals > 4);
  app.database.pool.connect = real;
  app.database.pool.query = query;
  await untilEffects(app, 1);
  assert.equal(await countDeadLetters(app.broker), 0);
});

test('what cannot be written down is no attempt: on a server that reads and does not write, no event becomes a dead letter', async (t) => {
  const { app } = await startOwnApp(t);
  let isFailing = true;
  await startConsumer(t, app, {
    maxDeliver: 2,
    async handle(event, work) {
      if (isFailing) throw new Error('not now');
      await writeEffect(event, work);
    },
  });
  // As with a full disk. A sequence counts also what is undone.
  await app.database.query('create sequence refusals');
  await app.database.query(`create function refuse() returns trigger language plpgsql as $$
    begin perform nextval('refusals'); raise exception 'no space left' using errcode = '53100'; end $$`);
  await app.database.query(
    'create trigger refuse before insert or update on inbox_attempts for each statement execute function refuse()',
  );
  await app.broker.publish(message('full', 1));
  await eventually('it came more often than events are tried', async () => {
    const { rows } = await app.database.query<{ count: string }>('select last_value as count from refusals');
    return Number(rows[0]?.count) > 6;
  });
  await app.database.query('drop trigger refuse on inbox_attempts');
  isFailing = false;
  await untilEffects(app, 1);
  assert.equal(await countDeadLetters(app.broker), 0);
});

test('a bounded number is at work at once, and a shutdown waits for them', async (t) => {
  const gate = door(t);
  const { app } = await startOwnApp(t);
  let now = 0;
  let most = 0;
  const consumer = await startConsumer(t, app, {
    concurrency: 3,
    async handle(event, work) {
      now += 1;
      most = Math.max(most, now);
      await gate.opened;
      await writeEffect(event, work);
      now -= 1;
    },
  });
  for (let n = 0; n < 10; n += 1) await app.broker.publish(message(`many-${n}`, 1));
  await eventually('three are at work', () => now === 3);
  const stopped = consumer.stop();
  gate.open();
  await stopped;
  assert.equal(most, 3);
  assert.equal(now, 0);
  assert.equal((await effects(app)).length, 3);

  await startConsumer(t, app);
  assert.equal((await untilEffects(app, 10)).length, 10);
});

test('300 events behind one that fails hold up no other key', async (t) => {
  const { app } = await startOwnApp(t);
  let isMended = false;
  const handle: typeof writeEffect = async (event, work) => {
    if (event.data.key === 'stuck' && !isMended) throw new Error('not yet');
    await writeEffect(event, work);
  };
  await startConsumer(t, app, { handle, maxDeliver: 1_000 });
  for (let n = 1; n <= 300; n += 1) await app.broker.publish(message('stuck', n));
  for (let n = 1; n <= 50; n += 1) await app.broker.publish(message('free', n));
  const others = await untilEffects(app, 50);
  assert.deepEqual(
    others,
    Array.from({ length: 50 }, (_, i) => ({ key: 'free', n: i + 1 })),
  );
  isMended = true;
  const all = await untilEffects(app, 350);
  assert.deepEqual(
    all.filter(({ key }) => key === 'stuck').map(({ n }) => n),
    Array.from({ length: 300 }, (_, i) => i + 1),
  );
});

test('one that breaks its contract is buried in its turn: those behind it overtake nobody', async (t) => {
  const { app } = await startOwnApp(t);
  let failures = 0;
  await startConsumer(t, app, {
    async handle(event, work) {
      if (event.data.n === 1 && failures < 5) {
        failures += 1;
        throw new Error('not yet');
      }
      await writeEffect(event, work);
    },
  });
  // As when the first comes again after the others were delivered.
  await app.broker.publish({ ...message('order', 2), data: '{"key":1}' });
  await app.broker.publish(message('order', 3));
  await app.broker.publish(message('order', 1));
  const done = await untilEffects(app, 2);
  assert.deepEqual(
    done.map(({ n }) => n),
    [1, 3],
  );
  assert.equal(await countDeadLetters(app.broker), 1);
});

test('what all others of its key wait for is taken, however many these are', async (t) => {
  const { app } = await startOwnApp(t);
  const consumer = await prepareConsumer(app);
  await app.broker.connected(30_000);
  await takeOne(app, consumer, message('first', 1));
  t.after(() => consumer.stop());
  consumer.start();
  for (let n = 2; n <= 110; n += 1) await app.broker.publish(message('first', n));
  const done = await untilEffects(app, 110);
  assert.deepEqual(
    done.map(({ n }) => n),
    Array.from({ length: 110 }, (_, i) => i + 1),
  );
});

test('what fails is not kept without bound: what finds no room goes back to the broker', async (t) => {
  const { app } = await startOwnApp(t);
  let isMended = false;
  const handle: typeof writeEffect = async ({ data: { n } }, { tx }) => {
    if (!isMended) throw new Error('not yet');
    await writeEffect({ data: { key: 'large', n } } as never, { tx } as never);
  };
  const consumer = await prepareConsumer(app, { handle, maxDeliver: 1_000 }, { retryDelayMs: 1_000 });
  t.after(() => consumer.stop());
  let given = 0;
  watchDeliveries(app, (one) => ({
    ...one,
    nak(delayMs) {
      given += 1;
      one.nak(delayMs);
    },
  }));
  consumer.start();
  for (let n = 1; n <= 25; n += 1) {
    const large = message(`key-${n}`, 1);
    await app.broker.publish({ ...large, data: JSON.stringify({ key: 'x'.repeat(900_000), n }) });
  }
  await eventually('some are given back', () => given >= 5);
  isMended = true;
  await untilEffects(app, 25);
});

test('handlers leave half of the connections to requests', async (t) => {
  const gate = door(t);
  const { app } = await startOwnApp(t);
  let now = 0;
  await startConsumer(t, app, {
    concurrency: 50,
    async handle() {
      now += 1;
      await gate.opened;
    },
  });
  for (let n = 1; n <= 20; n += 1) await app.broker.publish(message(`key-${n}`, 1));
  await eventually('five are at work', () => now >= 5);
  await Promise.all(Array.from({ length: 10 }, () => app.database.query('select 1')));
  assert.equal(now, 5);
  gate.open();
  await eventually('all are done', () => now === 20);
});

test('what was handled long ago is removed, and nothing younger', async (t) => {
  const { app } = await startOwnApp(t);
  // In a transaction, so that the service itself, which removes too, does not see it.
  await app.database.transaction(async (tx) => {
    for (const [name, days] of Object.entries({ old: 61, young: 59 })) {
      const at = `now() - interval '${days} days'`;
      await tx.query(`insert into outbox_ids values ('${name}', ${at})`);
      await tx.query(`insert into inbox values ('c', '${name}', ${at})`);
      await tx.query(`insert into inbox_attempts (consumer, event_id, since) values ('c', '${name}', ${at})`);
    }
    assert.equal(await removeExpired(tx, 60, 1), true);
    assert.equal(await removeExpired(tx, 60, 1), false);
    for (const table of ['outbox_ids', 'inbox', 'inbox_attempts']) {
      const { rows } = await tx.query(`select event_id from ${table}`);
      assert.deepEqual(rows, [{ event_id: 'young' }], table);
    }
  });
});

test('a broker that never answers keeps nobody from starting, looking and stopping', async (t) => {
  const { app, url } = await startApp(t, {
    env: { ...noBroker, DATABASE_URL: await testDatabase() },
  });
  const consumer = await prepareConsumer(app);
  consumer.start();
  await eventually('it says why', () => consumer.error);
  await untilReady(url);
  assert.equal((await fetch(`${url}/metrics`)).status, 200);
  await consumer.stop();
  await app.close();
});
