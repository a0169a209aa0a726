import type { FastifyBaseLogger } from 'fastify';
import { Loop } from '../loop.ts';
import type { Database, Queries } from '../postgres/database.ts';
import { lock, type Projection } from './projection.ts';
import { readAll, settledPosition } from './read-all.ts';

export interface ProjectorOptions {
  database: Database;
  log: FastifyBaseLogger;
  pollMs: number;
  batchSize: number;
}

/** Keeps one catch-up projection up to date. Every replica runs one, and they take turns batch by batch. */
export class Projector {
  readonly projection: Projection;
  /** Why it does not get on; undefined where it does. An event that it cannot handle stops it: later ones may build on it. */
  error: Error | undefined;

  readonly #options: ProjectorOptions;
  readonly #loop = new Loop(() => this.#round());

  constructor(projection: Projection, options: ProjectorOptions) {
    this.projection = projection;
    this.#options = options;
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the batch at work. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #round(): Promise<number> {
    const { database, pollMs, batchSize, log } = this.#options;
    try {
      const handled = await catchUp(database, this.projection, batchSize);
      this.error = undefined;
      return handled === batchSize ? 0 : pollMs;
    } catch (error) {
      if (!this.error) log.error({ err: error, projection: this.projection.name }, 'a projection does not get on');
      this.error = error as Error;
      return pollMs * 10;
    }
  }
}

/** One batch, with the position that it leads to, in one transaction. @returns how many events it was. */
export async function catchUp(database: Database, projection: Projection, limit: number): Promise<number> {
  const { name, aggregates } = projection;
  const upTo = await settledPosition(database);
  return database.transaction(async (transaction) => {
    const after = await takeTurn(transaction, name);
    if (after === undefined) return 0;
    const batch = await readAll(transaction, { after, upTo, aggregates, limit });
    const last = batch.at(-1);
    if (!last) return 0;
    await projection.handle(eventsOf(batch), transaction);
    await savePosition(transaction, name, last.position);
    return batch.length;
  });
}

/** How far a projection has come, locked; undefined while another process has it. */
async function takeTurn(transaction: Queries, name: string): Promise<number | undefined> {
  const select = 'select position::float8 as position from projections where name = $1 for update skip locked';
  const { rows } = await transaction.query<{ position: number }>(select, [name]);
  if (rows[0]) return rows[0].position;
  // New, or taken. One that is new here is new to everybody, so it begins with the next look.
  await transaction.query('insert into projections (name) values ($1) on conflict do nothing', [name]);
  return undefined;
}

async function savePosition(transaction: Queries, name: string, position: number): Promise<void> {
  await transaction.query('update projections set position = $2 where name = $1', [name, position]);
}

/**
 * Makes a projection anew from all events, in one transaction: readers see the old one until the new one is complete.
 * Commands go on meanwhile, except those of an inline projection, which wait. @returns how many events it was.
 */
export function rebuild(database: Database, projection: Projection, batchSize: number): Promise<number> {
  const { name, mode, aggregates, reset } = projection;
  if (!reset) throw new Error(`${name} has no reset, so it cannot be rebuilt`);
  return database.transaction(async (transaction) => {
    await transaction.query('set local statement_timeout = 0');
    await transaction.query(`select pg_advisory_xact_lock(${lock})`, [name]);
    await transaction.query('insert into projections (name) values ($1) on conflict do nothing', [name]);
    await transaction.query('select 1 from projections where name = $1 for update', [name]);
    await reset(transaction);
    let after = 0;
    for (let count = 0; ; ) {
      // The lock keeps every command of an inline projection out, so all that is committed counts.
      const upTo = mode === 'inline' ? Number.MAX_SAFE_INTEGER : await settledPosition(transaction);
      const batch = await readAll(transaction, { after, upTo, aggregates, limit: batchSize });
      if (batch.length > 0) await projection.handle(eventsOf(batch), transaction);
      count += batch.length;
      after = batch.at(-1)?.position ?? after;
      if (batch.length < batchSize) {
        await savePosition(transaction, name, after);
        return count;
      }
    }
  });
}

const eventsOf = (batch: Awaited<ReturnType<typeof readAll>>) => batch.map(({ event }) => event);
