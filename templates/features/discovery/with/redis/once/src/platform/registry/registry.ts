import type { Redis } from 'ioredis';
import type { Listener, Source } from '../discovery/source.ts';
import { closeRedis } from '../redis/client.ts';

export interface RegistryOptions {
  commands: Redis;
  /** A connection of its own: one that listens cannot ask. */
  messages: Redis;
  /** Milliseconds between two signs of life; who gave none for three of these is gone. */
  beatMs?: number;
}

/** Who is registered, as its health check tells it. */
export interface Registration {
  /** Why the last sign of life was not given; undefined where it was. */
  readonly failure: Error | undefined;
  /** Takes the instance out of the list. */
  leave(): Promise<void>;
}

/**
 * The instances of services outside Kubernetes, in Redis: a sorted set each, whose scores say until when an instance may
 * be believed, on the clock of Redis. A sign of life writes all there is to know, so a Redis that lost everything is full
 * again after one beat; those who come and go are told at once by a message.
 */
export class Registry {
  readonly #commands: Redis;
  readonly #messages: Redis;
  readonly #beatMs: number;
  readonly #looks = new Map<string, Set<() => void>>();
  readonly #stops = new Set<() => void>();

  constructor({ commands, messages, beatMs = 3_000 }: RegistryOptions) {
    this.#commands = commands;
    this.#messages = messages;
    this.#beatMs = beatMs;
    // What they lead to is told by whoever asks for something.
    for (const redis of [commands, messages]) redis.on('error', () => undefined);
    messages.on('ready', () => void this.#subscribe([...this.#looks.keys()]));
    messages.on('message', (channel: string) => this.#look(channel));
  }

  /** Gives signs of life for an instance, as long as it `isReady`. */
  register(service: string, origin: string, isReady: () => Promise<boolean> = async () => true): Registration {
    const key = keyOf(service);
    let failure: Error | undefined;
    let hasLeft = false;
    const beat = async (): Promise<void> => {
      try {
        // Nobody is asked how it is when it leaves, and it may be told to while it is asked.
        const isHere = !hasLeft && (await isReady()) && !hasLeft;
        if (isHere) await this.#commands.eval(giveSign, 1, key, origin, 3 * this.#beatMs);
        else await this.#commands.eval(takeOut, 1, key, origin);
        failure = isHere || hasLeft ? undefined : new Error('this service is not ready');
      } catch (error) {
        failure = error as Error;
      }
    };
    const stop = this.#repeat(beat);
    return {
      get failure() {
        return failure;
      },
      async leave() {
        hasLeft = true;
        stop();
        await beat();
      },
    };
  }

  /** The instances of a service. */
  source(service: string): Source {
    const key = keyOf(service);
    let lookSoon = (): void => undefined;
    return {
      watch: (listener) => {
        const list = new RememberedList(listener, 2 * this.#beatMs);
        const look = async (): Promise<void> => {
          try {
            list.found((await this.#commands.eval(findAll, 1, key)) as string[]);
          } catch (error) {
            list.failed(error as Error);
          }
        };
        const stop = this.#repeat(look);
        lookSoon = () => void look();
        const looks = this.#looks.get(key) ?? new Set();
        this.#looks.set(key, looks.add(lookSoon));
        if (this.#messages.status === 'ready') void this.#subscribe([key]);
        return () => {
          stop();
          looks.delete(lookSoon);
        };
      },
      refresh: () => lookSoon(),
    };
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await Promise.all([closeRedis(this.#commands), closeRedis(this.#messages)]);
  }

  /** Does it now, after each beat and whenever Redis is back. */
  #repeat(work: () => Promise<void>): () => void {
    const run = () => void work();
    // Never all processes at the same moment.
    const timer = setInterval(run, this.#beatMs * (0.9 + Math.random() / 10)).unref();
    this.#commands.on('ready', run);
    if (this.#commands.status === 'ready') run();
    const stop = () => {
      clearInterval(timer);
      this.#commands.off('ready', run);
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return stop;
  }

  async #subscribe(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return;
    try {
      await this.#messages.subscribe(...channels);
    } catch {
      // The next beat looks all the same.
      return;
    }
    // Somebody may have come between the last look and now.
    for (const channel of channels) this.#look(channel);
  }

  #look(channel: string): void {
    for (const look of this.#looks.get(channel) ?? []) look();
  }
}

/** A list that Redis may have lost: after it was away, who was there before stays for a while beside who is there again. */
class RememberedList {
  readonly #listener: Listener;
  readonly #patienceMs: number;
  #known: string[] = [];
  #wasAway = false;
  #doubtedUntil = -Infinity;

  constructor(listener: Listener, patienceMs: number) {
    this.#listener = listener;
    this.#patienceMs = patienceMs;
  }

  found(members: readonly string[]): void {
    const now = performance.now();
    if (this.#wasAway) this.#doubtedUntil = now + this.#patienceMs;
    this.#wasAway = false;
    const origins = members.filter(isOrigin);
    this.#known = now < this.#doubtedUntil ? [...new Set([...origins, ...this.#known])] : origins;
    this.#listener.found(this.#known);
  }

  failed(error: Error): void {
    // Nothing that was found can have been lost.
    this.#wasAway = this.#known.length > 0;
    this.#listener.failed(error);
  }
}

/** Others write there too. */
const isOrigin = (member: string): boolean => {
  const url = URL.parse(member);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === member;
};

// The braces keep a key and its channel together in a Redis Cluster.
const keyOf = (service: string): string => `registry:{${service}}`;

const now = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

const giveSign = `${now}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local isNew = redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if isNew == 1 then redis.call('PUBLISH', KEYS[1], ARGV[1]) end`;

const takeOut = `
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then redis.call('PUBLISH', KEYS[1], ARGV[1]) end`;

const findAll = `${now}
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')`;
