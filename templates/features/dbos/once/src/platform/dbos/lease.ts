import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type pg from 'pg';

/**
 * A process's sign of life: a row that it renews three times a lease. While the row is valid nobody touches the sagas of
 * this process; when it runs out, any other process may take them over. A row, not a session lock, so that it also works
 * behind a connection pooler.
 */
export class Lease {
  /** Never the same twice, or a restarted pod would believe that the sagas of its last life are still running. */
  readonly executor = `${hostname()}-${randomBytes(4).toString('hex')}`;
  /** How often it ran out before it was renewed: then others may have taken our sagas over. */
  lapses = 0;

  readonly #pool: pg.Pool;
  readonly #version: string;
  readonly #leaseMs: number;
  readonly #log: FastifyBaseLogger;
  readonly #stop = new AbortController();
  /** On the clock of this process, counted from before the row was written: never later than the row says. */
  #heldUntil = Number.POSITIVE_INFINITY;
  #renewing: Promise<void> | undefined;
  #regaining: Promise<void> | undefined;

  constructor(pool: pg.Pool, options: { version: string; leaseMs: number; log: FastifyBaseLogger }) {
    this.#pool = pool;
    this.#version = options.version;
    this.#leaseMs = options.leaseMs;
    this.#log = options.log;
  }

  get isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  /** Renews the lease until it is released, and runs `sweep` after each renewal, unless the last one is still at work. */
  async keep(sweep: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    let sweeping: Promise<void> | undefined;
    while (!signal.aborted) {
      try {
        await this.renew();
        // Not awaited: the engine waits for a database that is away, and the lease must not wait with it.
        sweeping ??= sweep()
          .catch((error) => this.#log.warn({ err: error }, 'could not look for sagas of dead processes'))
          .finally(() => {
            sweeping = undefined;
          });
      } catch (error) {
        this.#log.warn({ err: error }, 'could not renew the saga lease');
      }
      await wait(this.#leaseMs / 3, undefined, { signal }).catch(() => undefined);
    }
    await sweeping;
  }

  /** Renews the lease; many callers at once share one statement. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Resolves once the lease is held, however long the database is away. False where this process is shutting down. */
  async regain(): Promise<boolean> {
    this.#regaining ??= this.#regain().finally(() => {
      this.#regaining = undefined;
    });
    await this.#regaining;
    return !this.#stop.signal.aborted;
  }

  /** Hands over to others, at once, what this process has not finished. It says so: no takeover is counted for it. */
  async release(): Promise<void> {
    this.#stop.abort();
    this.#heldUntil = 0;
    await this.#pool.query('update saga_leases set expires_at = now(), released = true where executor = $1', [
      this.executor,
    ]);
  }

  async #regain(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.isHeld) {
      await this.renew().catch(() => wait(this.#leaseMs / 10, undefined, { signal }).catch(() => undefined));
    }
  }

  async #renew(): Promise<void> {
    if (this.#stop.signal.aborted) throw new Error('This process is shutting down');
    const before = performance.now();
    const lapsed = !this.isHeld;
    await this.#pool.query(
      `insert into saga_leases (executor, version, expires_at) values ($1, $2, now() + $3 * interval '1 ms')
       on conflict (executor) do update set expires_at = excluded.expires_at`,
      [this.executor, this.#version, this.#leaseMs],
    );
    if (lapsed) this.lapses += 1;
    this.#heldUntil = before + this.#leaseMs;
  }
}
