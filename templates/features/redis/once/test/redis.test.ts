import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { closeRedis, createRedis } from '../src/platform/redis/client.ts';
import { withSpan } from '../src/platform/tracing/span.ts';
import { startTracing } from '../src/platform/tracing/start.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { startCollector } from './support/collector.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { redisFor, withoutRedis } from './support/redis.ts';

/** A machine that stands still for a moment is no Redis that hangs. */
const patient = { REDIS_TIMEOUT_MS: '30000' };

const checkOf = async (url: string) => (await bodyOf(await fetch(`${url}/health`))).checks.redis;
const connected = (url: string) =>
  eventually('Redis is healthy', async () => (await checkOf(url)).status === 'healthy');

test('Redis gone: degraded, ready and working; back again without a restart', { skip: withoutRedis }, async (t) => {
  const first = await redisFor(t);
  const { app, url, logs } = await startApp(t, { env: { REDIS_URL: first.url } });
  await connected(url);

  await first.stop();
  await eventually('the health tells', async () => (await checkOf(url)).status === 'degraded');
  await untilReady(url);
  assert.equal(await app.cache.get('answer', { ttlMs: 1_000, load: async () => 42 }), 42);

  await redisFor(t, { port: Number(new URL(first.url).port) });
  await connected(url);
  await eventually('the log tells', () => logs.some(({ msg }) => msg === 'Redis is back'));
  assert.equal(logs.filter(({ msg }) => msg === 'Redis is away').length, 1, 'not a line for every try');
});

test('the service starts while Redis is away', { skip: withoutRedis }, async (t) => {
  const gone = await redisFor(t);
  await gone.stop();
  const { url } = await startApp(t, { env: { REDIS_URL: gone.url } });
  await untilReady(url);
  assert.equal((await checkOf(url)).status, 'degraded');
});

test('a Redis that hangs costs a request its timeout and no more', { skip: withoutRedis }, async (t) => {
  const server = await redisFor(t);
  const { app, url } = await startApp(t, { env: { REDIS_URL: server.url, REDIS_TIMEOUT_MS: '100' } });
  await connected(url);

  process.kill(server.pid, 'SIGSTOP');
  try {
    // It is woken only after the answer.
    assert.equal(await app.cache.get('slow', { ttlMs: 1_000, load: async () => 'loaded' }), 'loaded');
    assert.equal(app.redis.status, 'ready', 'the command was given up, long before the connection is');
    assert.equal((await checkOf(url)).status, 'degraded');
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await connected(url);
});

test('a command whose answer was lost is not sent again', { skip: withoutRedis }, async (t) => {
  const server = await redisFor(t);
  // Its connection is replaced because it is old: then commands wait for the next one, as they do at no other time.
  const redis = createRedis({ url: server.url, name: 'test', keyPrefix: '', timeoutMs: 5_000, maxAgeMs: 500 });
  redis.on('error', () => {});
  t.after(() => closeRedis(redis));
  await once(redis, 'ready');
  process.kill(server.pid, 'SIGSTOP');
  void redis.incr('count').catch(() => undefined);
  await once(redis, 'close');
  process.kill(server.pid, 'SIGCONT');
  await eventually('it is connected again', () => redis.status === 'ready');
  assert.equal(await redis.get('count'), '1');
});

test('every key begins with the prefix of this service', { skip: withoutRedis }, async (t) => {
  const server = await redisFor(t);
  const { app, url } = await startApp(t, { env: { ...patient, REDIS_URL: server.url, REDIS_KEY_PREFIX: 'mine:' } });
  await connected(url);
  await app.cache.get('answer', { ttlMs: 10_000, load: async () => 42 });
  assert.deepEqual((await app.redis.keys('*')).sort(), ['mine:cache:{answer}', 'mine:health']);
});

test('commands of a request are client spans, without keys and values', { skip: withoutRedis }, async (t) => {
  const server = await redisFor(t);
  const collector = await startCollector(t);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const tracing = await startTracing(process.env);
  const { app, url } = await startApp(t, { env: { ...patient, REDIS_URL: server.url } });
  await connected(url);

  await withSpan('remember', {}, () => app.redis.set('customer', 'secret'));
  await assert.rejects(withSpan('mistake', {}, () => app.redis.incr('customer')));
  await tracing.shutdown();

  const [set, incr] = ['SET', 'INCR'].map((name) => collector.spans.find((span) => span.name === name));
  const parent = collector.spans.find(({ name }) => name === 'remember');
  assert.ok(set && incr && parent);
  assert.deepEqual([set.kind, set.parentSpanId, set.traceId], [3, parent.spanId, parent.traceId]);
  assert.equal(set.attributes['db.system.name'], 'redis');
  assert.equal(incr.status.code, 2);
  assert.doesNotMatch(JSON.stringify(set), /customer|secret/);
  assert.equal(collector.spans.filter(({ name }) => name === 'SET').length, 1, 'health checks are not traced');
});

test('a deployment without REDIS_URL is told so, with everything else that is missing', async (t) => {
  await assert.rejects(
    startApp(t, { env: { NODE_ENV: 'production', REDIS_URL: '' } }),
    /REDIS_URL must be set in production/,
  );
});
