import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort } from '../scripts/free-port.ts';
import { service } from '../src/identity.ts';
import { ownPorts } from '../src/platform/discovery/own-ports.ts';
import { createRedis } from '../src/platform/redis/client.ts';
import { Registry } from '../src/platform/registry/registry.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { startLoad } from './support/load.ts';
import { startService } from './support/process.ts';
import { redisFor, withoutRedis } from './support/redis.ts';

const [a, b, c] = ['http://10.0.0.1:3000', 'http://10.0.0.2:3000', 'http://10.0.0.3:3000'] as const;

/** A process of its own, as far as Redis can see. */
function join(t: TestContext, url: string, beatMs: number) {
  const connect = () => createRedis({ url, name: 'test', keyPrefix: '', timeoutMs: 30_000 });
  const registry = new Registry({ commands: connect(), messages: connect(), beatMs });
  t.after(() => registry.close());
  return registry;
}

function follow(t: TestContext, registry: Registry, name = 'peer') {
  const told: { origins: readonly string[]; error: Error | undefined; lists: string[] } = {
    origins: [],
    error: undefined,
    lists: [],
  };
  const stop = registry.source(name).watch({
    found: (origins) => {
      told.origins = [...origins].sort();
      told.error = undefined;
      told.lists.push(told.origins.join(' '));
    },
    failed: (error) => {
      told.error = error;
    },
  });
  t.after(stop);
  const finds = (...expected: string[]) =>
    eventually(`it finds ${expected}`, () => !told.error && JSON.stringify(told.origins) === JSON.stringify(expected));
  return { told, finds };
}

/** So long that only a message can have been the reason. */
const never = 600_000;

test('who comes and who leaves is told at once', { skip: withoutRedis }, async (t) => {
  const { url } = await redisFor(t);
  const { finds } = follow(t, join(t, url, never));
  await finds();
  const [one, two] = [join(t, url, never), join(t, url, never)];
  const first = one.register('peer', a);
  await finds(a);
  two.register('peer', b);
  two.register('another', c);
  await finds(a, b);
  await first.leave();
  await finds(b);
  assert.equal(first.failure, undefined);
});

test('who gives no more signs of life is gone after three of them', { skip: withoutRedis }, async (t) => {
  const { url } = await redisFor(t);
  const { finds } = follow(t, join(t, url, 100));
  const dying = join(t, url, 100);
  dying.register('peer', a);
  join(t, url, 100).register('peer', b);
  await finds(a, b);
  // As a killed process does: without a word.
  await dying.close();
  await finds(b);
});

test('who is not ready is not in the list', { skip: withoutRedis }, async (t) => {
  const { url } = await redisFor(t);
  const { finds } = follow(t, join(t, url, 50));
  let isReady = true;
  const registration = join(t, url, 50).register('peer', a, async () => isReady);
  await finds(a);
  isReady = false;
  await finds();
  assert.match(registration.failure?.message ?? '', /not ready/);
  isReady = true;
  await finds(a);
});

test('who leaves is out of the list at once, however long its health takes', { skip: withoutRedis }, async (t) => {
  const { url } = await redisFor(t);
  const { finds } = follow(t, join(t, url, never));
  let health = Promise.resolve(true);
  const registration = join(t, url, never).register('peer', a, () => health);
  await finds(a);
  health = new Promise(() => {});
  await registration.leave();
  await finds();
  assert.equal(registration.failure, undefined);
});

test('a Redis that lost everything empties no list, and is full again after a beat', {
  skip: withoutRedis,
}, async (t) => {
  const server = await redisFor(t);
  const { told, finds } = follow(t, join(t, server.url, 1_000));
  join(t, server.url, 1_000).register('peer', a);
  const late = join(t, server.url, never);
  late.register('peer', b);
  await finds(a, b);
  await server.stop();
  await eventually('it tells that it cannot look', () => told.error);
  const { length } = told.lists;
  await redisFor(t, { port: Number(new URL(server.url).port) });
  await eventually('it looks again', () => told.lists.length > length + 3);
  await finds(a, b);
  assert.deepEqual([...new Set(told.lists.slice(length))], [`${a} ${b}`], 'nobody was missing in between');
});

test('what somebody else wrote there is no address', { skip: withoutRedis }, async (t) => {
  const { url } = await redisFor(t);
  const { finds } = follow(t, join(t, url, 50));
  const other = join(t, url, 50);
  for (const member of ['10.0.0.9:3000', 'file:///etc', `${a}/path`, '', a]) other.register('peer', member);
  await finds(a);
});

test('instances that register themselves are called in turn, and one that ends loses no call', {
  skip: withoutRedis,
}, async (t) => {
  const { url: redis } = await redisFor(t);
  const start = async () => {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const env = { PORT: `${port}`, REDIS_URL: redis, REGISTRY_ADDRESS: address, SHUTDOWN_DELAY_MS: '1000' };
    return startService(t, env);
  };
  const [leaving, staying] = [await start(), await start()];
  const prefix = service.name.replaceAll('-', '_').toUpperCase();
  const env = {
    REDIS_URL: redis,
    [`${prefix}_DISCOVERY`]: 'registry',
    [`${prefix}_URL`]: `http://${service.name}`,
    [`${prefix}_RETRIES`]: '0',
    [`${prefix}_ATTEMPT_MS`]: '60000',
    [`${prefix}_DEADLINE_MS`]: '60000',
  };
  const { app, url } = await startApp(t, { env });
  const checkOf = async () => (await bodyOf(await fetch(`${url}/health`))).checks[service.name];
  const http = app.http(service.name);
  const listed = (count: number) => eventually(`${count} instances`, async () => (await checkOf()).instances === count);
  await listed(2);

  const { calls, finish } = startLoad(t, () => http.get('/health/live'), 4);
  await calls(100);
  leaving.child.kill('SIGTERM');
  await listed(1);
  assert.equal(leaving.child.exitCode, null, 'it still serves');
  assert.equal(await leaving.exited, 0);
  await calls(100);
  assert.deepEqual(await finish(), []);
  assert.equal(staying.child.exitCode, null);
});

test('every port of a service is found under its name until it ends', { skip: withoutRedis }, async (t) => {
  const { url } = await redisFor(t);
  const { app } = await startApp(t, { env: { REDIS_URL: url, REGISTRY_ADDRESS: 'https://localhost:8443' } });
  const looking = join(t, url, never);
  const ports = ownPorts(app);
  for (const [index, { name, protocol, port }] of ports.entries()) {
    const { finds } = follow(t, looking, name);
    await finds(index === 0 ? 'https://localhost:8443' : `${protocol}://localhost:${port}`);
  }
  await app.close();
  for (const { name } of ports) await follow(t, looking, name).finds();
});

test('Redis away: the health of an instance says that it is not registered, and no more', {
  skip: withoutRedis,
}, async (t) => {
  const server = await redisFor(t);
  const { url } = await startApp(t, { env: { REDIS_URL: server.url, REGISTRY_ADDRESS: 'http://127.0.0.1:1' } });
  const check = async () => (await bodyOf(await fetch(`${url}/health`))).checks.registry;
  await eventually('it is registered', async () => (await check()).status === 'healthy');
  await server.stop();
  const degraded = await eventually('it says so', async () => {
    const found = await check();
    return found.status === 'degraded' && found;
  });
  assert.match(degraded.error, /^not registered: /);
  await assert.rejects(startApp(t, { env: { REGISTRY_ADDRESS: '10.0.0.1:3000' } }), /REGISTRY_ADDRESS must be an http/);
});
