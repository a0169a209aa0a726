import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';

export interface CacheEntry<T> {
  /** Milliseconds that a value is kept, less up to a tenth, so that what was loaded together does not expire together. */
  ttlMs: number;
  /** Gets the value where it is not cached. `undefined` is handed out but not kept; `null` is kept. */
  load(): Promise<T>;
}

/** hit: cached · miss: loaded · bypass: loaded because Redis was away or another process took too long to load it. */
export type CacheResult = 'hit' | 'miss' | 'bypass';

type Found<T> = { result: 'hit'; value: T } | { result: 'miss' | 'bypass' };

export interface CacheOptions {
  onResult?(result: CacheResult): void;
  /** Longest time that one process may load a value while the others wait for it, in milliseconds. */
  leaseMs?: number;
  /** How often a waiting process looks whether the value is there, in milliseconds. */
  pollMs?: number;
}

/**
 * Cache-aside that protects the source: of all callers in all processes who miss the same key at the same time, one
 * loads it. The one who may holds a lease, a key beside the value, and stores only while the lease is still its own; so
 * a value that was read before an `invalidate` cannot be stored after it. Values are kept as JSON, so a Date comes back
 * as a string. Without Redis every process loads for itself, one caller a key at a time.
 */
export class Cache {
  readonly #redis: Redis;
  readonly #options: Required<CacheOptions>;
  readonly #flights = new Map<string, Promise<unknown>>();

  constructor(redis: Redis, { onResult = () => {}, leaseMs = 10_000, pollMs = 25 }: CacheOptions = {}) {
    this.#redis = redis;
    this.#options = { onResult, leaseMs, pollMs };
  }

  /** The cached value, or the loaded one. Throws what `load` throws, never because of Redis. */
  get<T>(key: string, entry: CacheEntry<T>): Promise<T> {
    const running = this.#flights.get(key);
    if (running) return running as Promise<T>;
    const flight = this.#find(key, entry).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    return flight;
  }

  /** Call it after the change is committed. False where Redis was away: the old value then lives until its ttl. */
  async invalidate(key: string): Promise<boolean> {
    this.#flights.delete(key);
    try {
      await this.#redis.del(valueKey(key), leaseKey(key));
      return true;
    } catch {
      return false;
    }
  }

  async #find<T>(key: string, { ttlMs, load }: CacheEntry<T>): Promise<T> {
    const token = randomUUID();
    const found = await this.#valueOrLease<T>(key, token);
    this.#options.onResult(found.result);
    if (found.result === 'hit') return found.value;
    if (found.result === 'bypass') return load();
    try {
      const value = await load();
      await this.#store(key, token, value, ttlMs);
      return value;
    } catch (error) {
      // Gives the lease back, so that the next caller may try at once.
      await this.#store(key, token, undefined, ttlMs);
      throw error;
    }
  }

  /** Looks until the value is there, the lease is ours, or we have waited as long as a lease lasts. */
  async #valueOrLease<T>(key: string, token: string): Promise<Found<T>> {
    const { leaseMs, pollMs } = this.#options;
    const deadline = performance.now() + leaseMs;
    try {
      do {
        const found = await this.#redis.eval(valueElseLease, 2, valueKey(key), leaseKey(key), token, leaseMs);
        if (typeof found === 'string') return { result: 'hit', value: JSON.parse(found) as T };
        if (found === 1) return { result: 'miss' };
        await wait(pollMs * (0.5 + Math.random()));
      } while (performance.now() < deadline);
    } catch {
      // A cache that cannot answer must not fail the request; the health check and the client's log tell of it.
    }
    return { result: 'bypass' };
  }

  async #store(key: string, token: string, value: unknown, ttlMs: number): Promise<void> {
    const ttl = Math.max(1, Math.round(ttlMs * (1 - Math.random() / 10)));
    const json = JSON.stringify(value) ?? '';
    await this.#redis.eval(storeWhileLeased, 2, leaseKey(key), valueKey(key), token, json, ttl).catch(() => undefined);
  }
}

// The braces put both keys into one slot of a Redis Cluster.
const valueKey = (key: string) => `cache:{${key}}`;
const leaseKey = (key: string) => `cache:{${key}}:lease`;

// In one step: between two, another process could store the value and give its lease back, and we would load again.
const valueElseLease = `
local value = redis.call('GET', KEYS[1])
if value then return value end
if redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
return 0`;

const storeWhileLeased = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return 1`;
