import type { Redis } from 'ioredis';
import { forgetOld } from './forget-old.ts';
import type { Rate } from './route.ts';

/** Counts in windows. @returns milliseconds to wait, or 0 where the request may pass. */
export interface RateLimiter {
  take(key: string, rate: Rate): number | Promise<number>;
}

/** Clients that one replica keeps count of. Where there are more, those longest there are forgotten. */
const mostKeys = 100_000;

/** Each replica counts for itself. */
export class LocalRates implements RateLimiter {
  readonly #windows = new Map<string, { count: number; endsAt: number }>();
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  take(key: string, { requests, perMs }: Rate): number {
    const now = this.#now();
    const found = this.#windows.get(key);
    if (found && found.endsAt > now) {
      found.count += 1;
      return found.count > requests ? found.endsAt - now : 0;
    }
    this.#windows.delete(key);
    this.#windows.set(key, { count: 1, endsAt: now + perMs });
    forgetOld(this.#windows, mostKeys, ({ endsAt }) => endsAt <= now);
    return 0;
  }
}

/** Milliseconds for which a Redis that did not answer is not asked again, or every request would wait for it. */
const awayMs = 1_000;

const count = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }`;

/** All replicas count together, in Redis; while it is away, each for itself. */
export class SharedRates implements RateLimiter {
  readonly #redis: Redis;
  readonly #now: () => number;
  readonly #local: LocalRates;
  #awayUntil = 0;

  constructor(redis: Redis, now = () => performance.now()) {
    this.#redis = redis;
    this.#now = now;
    this.#local = new LocalRates(now);
  }

  async take(key: string, rate: Rate): Promise<number> {
    if (this.#now() < this.#awayUntil) return this.#local.take(key, rate);
    try {
      const [taken, left] = (await this.#redis.eval(count, 1, `rate:${key}`, rate.perMs)) as [number, number];
      return taken > rate.requests ? Math.max(1, left) : 0;
    } catch {
      this.#awayUntil = this.#now() + awayMs;
      return this.#local.take(key, rate);
    }
  }
}
