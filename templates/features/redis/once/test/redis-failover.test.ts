import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import { closeRedis, createRedis } from '../src/platform/redis/client.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { startForwarder } from './support/forwarder.ts';
import { untilReady } from './support/health.ts';
import { redisFor, withoutRedis } from './support/redis.ts';

const portOf = ({ url }: { url: string }): number => Number(new URL(url).port);

async function clientOf(t: TestContext, { url }: { url: string }): Promise<Redis> {
  const redis = new Redis(url);
  // The servers go before it does.
  redis.on('error', () => undefined);
  t.after(() => redis.disconnect());
  await once(redis, 'ready');
  return redis;
}

test('a primary that becomes a replica and keeps its connections is left for the new one', {
  skip: withoutRedis,
}, async (t) => {
  const [first, second] = [await redisFor(t), await redisFor(t)];
  const [old, next] = [await clientOf(t, first), await clientOf(t, second)];
  await next.replicaof('127.0.0.1', portOf(first));
  const forwarder = await startForwarder(t, portOf(first));
  // A machine that stands still for a moment is no Redis that hangs.
  const env = { REDIS_URL: `redis://127.0.0.1:${forwarder.port}`, REDIS_TIMEOUT_MS: '30000' };
  const { app, url } = await startApp(t, { env });
  const health = async () => (await bodyOf(await fetch(`${url}/health`))).checks.redis;
  await eventually('it is healthy', async () => (await health()).status === 'healthy');

  await next.replicaof('NO', 'ONE');
  await old.replicaof('127.0.0.1', portOf(second));
  await eventually('it is told that nothing can be written', async () => /READONLY/.test((await health()).error ?? ''));
  await untilReady(url);
  const load = async () => 42;
  assert.equal(await app.cache.get('answer', { ttlMs: 60_000, load }), 42, 'without a cache it works');

  forwarder.target = portOf(second);
  await eventually('it is healthy again', async () => (await health()).status === 'healthy');
  await app.cache.get('other', { ttlMs: 60_000, load });
  const [key] = await next.keys('*cache:{other}');
  assert.ok(key, 'the new primary has it');
});

test('a script that was refused by a replica makes the connection a new one', { skip: withoutRedis }, async (t) => {
  const [first, second] = [await redisFor(t), await redisFor(t)];
  const forwarder = await startForwarder(t, portOf(first));
  const url = `redis://127.0.0.1:${forwarder.port}`;
  const redis = createRedis({ url, name: 'test', keyPrefix: '', timeoutMs: 30_000 });
  t.after(() => closeRedis(redis));
  await once(redis, 'ready');
  await (await clientOf(t, first)).replicaof('127.0.0.1', portOf(second));
  forwarder.target = portOf(second);
  const script = "return redis.call('INCR', KEYS[1])";
  await assert.rejects(redis.eval(script, 1, 'count'), /READONLY/);
  await eventually('the new primary counts', async () => (await redis.eval(script, 1, 'count').catch(() => 0)) === 1);
});

test('a connection that grows old is replaced under load, and no command is lost by it', {
  skip: withoutRedis,
}, async (t) => {
  const { url } = await redisFor(t);
  const redis = createRedis({ url, name: 'test', keyPrefix: '', timeoutMs: 30_000, maxAgeMs: 20 });
  redis.on('error', () => undefined);
  t.after(() => closeRedis(redis));
  await once(redis, 'ready');
  let connections = 1;
  redis.on('ready', () => {
    connections += 1;
  });
  let answered = 0;
  const count = async () => {
    while (connections < 10) {
      await redis.incr('count');
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: 20 }, count));
  assert.equal(Number(await redis.get('count')), answered);
});
