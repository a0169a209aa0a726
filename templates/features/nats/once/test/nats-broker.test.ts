import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { DeliverPolicy } from '@nats-io/jetstream';
import { pino } from 'pino';
import type { Message } from '../src/platform/events/cloud-event.ts';
import { openBroker } from '../src/platform/events/open-broker.ts';
import type { NatsBroker } from '../src/platform/nats/broker.ts';
import { eventually } from './support/eventually.ts';
import { testNats } from './support/nats.ts';

const server = await testNats();

async function connect(t: TestContext, env: Record<string, string> = {}): Promise<NatsBroker> {
  const broker = openBroker({ NATS_URL: server.url, ...env }, pino({ level: 'silent' }));
  t.after(() => broker.close());
  await broker.connected(30_000);
  return broker;
}

const message = (subject: string, data = '{}'): Message => ({ id: randomUUID(), subject, headers: {}, data });

async function stored(broker: NatsBroker, subject: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { data } of broker.read(subject)) all.push(data);
  return all;
}

test('events go into the stream that keeps their own subject, and into one of their own where others keep a part', async (t) => {
  const broker = await connect(t);
  const { streams } = await broker.manager();
  await streams.add({ name: 'BILLING', subjects: ['orders.created'] });
  await broker.publish(message('orders.created', '"kept by another"'));
  await broker.publish(message('orders.cancelled', '"kept by none"'));
  await broker.publish(message('invoices.sent'));
  const subjects = async (name: string) => (await streams.info(name)).config.subjects;
  assert.deepEqual(await stored(broker, 'orders.created'), ['"kept by another"']);
  assert.deepEqual(await subjects('BILLING'), ['orders.created']);
  assert.deepEqual(await subjects('ORDERS_CANCELLED'), ['orders.cancelled']);
  assert.deepEqual(await subjects('INVOICES'), ['invoices.>']);
});

test('a stream that is deleted is noticed by who publishes and by who reads', async (t) => {
  const broker = await connect(t);
  const place = { name: 'reader', subject: 'gone.away', from: 'all', ackWaitMs: 30_000 } as const;
  await broker.publish(message('gone.away', '1'));
  const deliveries = await (await broker.queue(place)).take(1);
  const reading = async () => {
    for await (const one of deliveries) one.ack();
  };
  const ended = assert.rejects(reading());
  const { streams } = await broker.manager();
  await streams.delete('GONE');
  await ended;
  await assert.rejects(broker.publish(message('gone.away', '2')));
  await broker.publish(message('gone.away', '3'));
  assert.deepEqual(await stored(broker, 'gone.away'), ['3']);
  const again = await (await broker.queue(place)).take(1);
  for await (const { data } of again) {
    assert.equal(data, '3');
    break;
  }
});

test('a durable consumer that is there takes new settings, and keeps where it began', async (t) => {
  const broker = await connect(t);
  const place = { name: 'durable', subject: 'durable.one', ackWaitMs: 30_000 };
  await broker.publish(message('durable.one'));
  await broker.queue({ ...place, from: 'new' });
  const queue = await broker.queue({ ...place, from: 'all', ackWaitMs: 60_000 });
  const { consumers } = await broker.manager();
  const { config } = await consumers.info('DURABLE', 'durable');
  assert.equal(config.deliver_policy, DeliverPolicy.New);
  assert.equal(config.ack_wait, 60_000_000_000);
  assert.equal(await queue.lag(), 0);
});

test('what the stream or the server never takes is refused; what may pass is not', async (t) => {
  const broker = await connect(t);
  const { streams } = await broker.manager();
  await streams.add({ name: 'SMALL', subjects: ['small.>'], max_msg_size: 100 });
  const discard = { discard: 'new', max_msgs: 1 } as const;
  await streams.add({ name: 'FULL', subjects: ['full.>'], ...discard });
  const refused = { name: 'Refused' };
  await assert.rejects(broker.publish(message('small.one', 'x'.repeat(200))), refused);
  await assert.rejects(broker.publish(message('large.one', 'x'.repeat(2_000_000))), refused);
  await assert.rejects(broker.publish({ ...message('headers.one'), headers: { long: 'x'.repeat(70_000) } }), refused);
  await assert.rejects(broker.publish({ ...message('headers.two'), headers: { 'a:b': 'x' } }), refused);
  await broker.publish(message('full.one'));
  await assert.rejects(broker.publish(message('full.one')), { name: 'JetStreamApiError' });
});

test('production keeps events on three servers unless a setting says otherwise; fewer are never taken silently', async (t) => {
  const production = await connect(t, { NODE_ENV: 'production' });
  await assert.rejects(production.publish(message('copies.one')), /NATS_STREAM_REPLICAS/);
  const chosen = await connect(t, { NODE_ENV: 'production', NATS_STREAM_REPLICAS: '1' });
  await chosen.publish(message('copies.one'));
  const { streams } = await chosen.manager();
  assert.equal((await streams.info('COPIES')).config.num_replicas, 1);
});

test('fewer copies than the settings ask for, in a stream that is there, are told once', async (t) => {
  await (await connect(t)).publish(message('told.one'));
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const broker = openBroker({ NATS_URL: server.url, NATS_STREAM_REPLICAS: '3' }, log);
  t.after(() => broker.close());
  await broker.connected(30_000);
  await broker.publish(message('told.one'));
  await broker.publish(message('told.one'));
  assert.equal(lines.filter((line) => line.includes('NATS_STREAM_REPLICAS')).length, 1);
});

test('a broker that is closed while it has not connected is closed', async () => {
  const broker = openBroker({ NATS_URL: 'nats://127.0.0.1:1' }, pino({ level: 'silent' }));
  await eventually('it has tried', async () => !broker.isConnected);
  await broker.close();
  await assert.rejects(broker.connected(1), /does not answer/);
});
