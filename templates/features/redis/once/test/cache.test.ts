import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Cache, type CacheOptions } from '../src/platform/redis/cache.ts';
import { closeRedis, createRedis } from '../src/platform/redis/client.ts';
import { redisFor, withoutRedis } from './support/redis.ts';

/** Caches on one Redis as two processes or more have them, each with a connection of its own. */
async function startCaches(t: TestContext, options: CacheOptions = {}) {
  const { url } = await redisFor(t);
  return async () => {
    const redis = createRedis({ url, name: 'test', keyPrefix: 'test:', timeoutMs: 30_000 });
    redis.on('error', () => {});
    await once(redis, 'ready');
    t.after(() => closeRedis(redis));
    const results: string[] = [];
    return { cache: new Cache(redis, { pollMs: 5, ...options, onResult: (result) => results.push(result) }), results };
  };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const never = async (): Promise<never> => assert.fail('it was cached and is loaded again');

test('what was loaded once is not loaded again', { skip: withoutRedis }, async (t) => {
  const { cache, results } = await (await startCaches(t))();
  const order = { id: 'o-1', items: [{ sku: 'tea' }], note: null };
  assert.deepEqual(await cache.get('o-1', { ttlMs: 10_000, load: async () => order }), order);
  assert.deepEqual(await cache.get('o-1', { ttlMs: 10_000, load: never }), order);
  assert.deepEqual(results, ['miss', 'hit']);
});

test('ten processes with ten callers each load a value once', { skip: withoutRedis }, async (t) => {
  const newProcess = await startCaches(t);
  const processes = await Promise.all(Array.from({ length: 10 }, newProcess));
  let loads = 0;
  const { open, opened } = gate();
  const load = async () => {
    loads += 1;
    await opened;
    return 'value';
  };
  const callers = processes.flatMap(({ cache }) =>
    Array.from({ length: 10 }, () => cache.get('hot', { ttlMs: 10_000, load })),
  );
  setImmediate(open);
  assert.deepEqual(new Set(await Promise.all(callers)), new Set(['value']));
  assert.equal(loads, 1);
});

test('without Redis too, callers of one process share a load', async () => {
  const cache = new Cache(createRedis({ url: undefined, name: 'test', keyPrefix: '', timeoutMs: 30_000 }));
  let loads = 0;
  const { open, opened } = gate();
  const load = async () => {
    loads += 1;
    await opened;
    return 'value';
  };
  const callers = Array.from({ length: 10 }, () => cache.get('hot', { ttlMs: 10_000, load }));
  setImmediate(open);
  assert.deepEqual(new Set(await Promise.all(callers)), new Set(['value']));
  assert.equal(loads, 1);
});

test('a value that is loaded quickly is not loaded by one who looked a moment before', {
  skip: withoutRedis,
}, async (t) => {
  const newProcess = await startCaches(t);
  const processes = await Promise.all(Array.from({ length: 10 }, newProcess));
  for (let round = 0; round < 100; round++) {
    let loads = 0;
    const entry = {
      ttlMs: 10_000,
      load: async () => {
        loads += 1;
        return round;
      },
    };
    await Promise.all(processes.map(({ cache }) => cache.get(`quick-${round}`, entry)));
    assert.equal(loads, 1, `round ${round}`);
  }
});

test('a load that fails fails its callers, and the next one tries again', { skip: withoutRedis }, async (t) => {
  const newProcess = await startCaches(t);
  const [{ cache }, other] = [await newProcess(), await newProcess()];
  await assert.rejects(
    cache.get('k', { ttlMs: 10_000, load: async () => Promise.reject(new Error('source is down')) }),
    /source is down/,
  );
  assert.equal(await other.cache.get('k', { ttlMs: 10_000, load: async () => 'up' }), 'up');
  assert.deepEqual(other.results, ['miss'], 'it did not wait for the lease of the failed one');
});

test('what was read before an invalidation is not stored after it', { skip: withoutRedis }, async (t) => {
  const newProcess = await startCaches(t);
  const [{ cache: reader }, { cache: writer }] = [await newProcess(), await newProcess()];
  const [reading, change] = [gate(), gate()];
  const slow = reader.get('price', {
    ttlMs: 10_000,
    load: async () => {
      reading.open();
      await change.opened;
      return 'old';
    },
  });
  await reading.opened;
  assert.equal(await writer.invalidate('price'), true);
  change.open();
  assert.equal(await slow, 'old', 'who asked before the change may see what was before it');
  assert.equal(await reader.get('price', { ttlMs: 10_000, load: async () => 'new' }), 'new');
});

test('a process that dies while it loads holds the others up no longer than its lease', {
  skip: withoutRedis,
}, async (t) => {
  const newProcess = await startCaches(t, { leaseMs: 200 });
  const [{ cache: dead }, { cache: alive }] = [await newProcess(), await newProcess()];
  const started = gate();
  void dead.get('k', {
    ttlMs: 10_000,
    load: () => {
      started.open();
      return new Promise(() => {});
    },
  });
  await started.opened;
  assert.equal(await alive.get('k', { ttlMs: 10_000, load: async () => 'value' }), 'value');
});

test('a value expires; undefined is never kept, null is', { skip: withoutRedis }, async (t) => {
  const { cache } = await (await startCaches(t))();
  await cache.get('short', { ttlMs: 1, load: async () => 1 });
  let value: number | null | undefined = 1;
  while (value === 1) value = await cache.get('short', { ttlMs: 10_000, load: async () => null });
  assert.equal(await cache.get('short', { ttlMs: 10_000, load: never }), null);

  assert.equal(await cache.get('absent', { ttlMs: 10_000, load: async () => undefined }), undefined);
  assert.equal(await cache.get('absent', { ttlMs: 10_000, load: async () => 2 }), 2);
});
