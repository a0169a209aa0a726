import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { StoredMessage } from '../../src/platform/events/broker.ts';
import { Consumer } from '../../src/platform/events/consumer.ts';
import { defineEvent } from '../../src/platform/events/event.ts';
import { type SubscriptionOptions, subscribe } from '../../src/platform/events/subscription.ts';
import { eventually } from './eventually.ts';

/** An event that only tests know. */
export const counted = defineEvent('tests.counted', {
  version: 1,
  data: Type.Object({ key: Type.String(), n: Type.Integer() }),
});

export interface Effect {
  key: string;
  n: number;
}

/** Where the handler of a test leaves its mark; nothing in it is unique, so that an effect that happens twice shows. */
export async function createEffects(app: FastifyInstance): Promise<void> {
  await app.database.query(
    'create table if not exists test_effects (position bigint generated always as identity, key text, n integer)',
  );
}

export async function effects(app: FastifyInstance): Promise<Effect[]> {
  const { rows } = await app.database.query<{ key: string; n: number }>(
    'select key, n from test_effects order by position',
  );
  return rows;
}

/** Waits until that many effects are there. */
export const untilEffects = (app: FastifyInstance, count: number): Promise<Effect[]> =>
  eventually(`${count} effects`, async () => {
    const all = await effects(app);
    return all.length >= count ? all : undefined;
  });

type Data = { key: string; n: number };
type Handle = Parameters<typeof subscribe<Data>>[1];

/** The handler of the tests: one row an event. */
export const writeEffect: Handle = async ({ data }, { tx }) => {
  await tx.query('insert into test_effects (key, n) values ($1, $2)', [data.key, data.n]);
};

type Settings = { handle?: Handle } & Partial<SubscriptionOptions>;
type Times = { ackWaitMs?: number; retryDelayMs?: number };

/** A consumer of the event of the tests, in this app; not started. */
export async function prepareConsumer(
  app: FastifyInstance,
  { handle = writeEffect, ...options }: Settings = {},
  { ackWaitMs = 2_000, retryDelayMs = 20 }: Times = {},
): Promise<Consumer> {
  await createEffects(app);
  return new Consumer({
    app,
    broker: app.broker,
    subscription: subscribe(counted, handle, options),
    metrics: app.eventMetrics,
    ackWaitMs,
    retryDelayMs,
    drainMs: 5_000,
  });
}

/** The same, at work until the test ends. */
export async function startConsumer(t: TestContext, app: FastifyInstance, settings: Settings = {}): Promise<Consumer> {
  const consumer = await prepareConsumer(app, settings);
  t.after(() => consumer.stop());
  consumer.start();
  await eventually('the consumer runs', () => consumer.isRunning);
  return consumer;
}

/** All messages that the broker keeps for a subject, in its order. */
export async function published(app: FastifyInstance, subject: string): Promise<StoredMessage[]> {
  // A service starts without waiting long for its broker.
  await app.broker.connected(30_000);
  const messages: StoredMessage[] = [];
  for await (const message of app.broker.read(subject)) messages.push(message);
  return messages;
}
