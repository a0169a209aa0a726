import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Database, Queries } from '../postgres/database.ts';
import { lockName, type Projection } from './projection.ts';
import { beginning, type Place, readAll } from './read-all.ts';

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
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(projection: Projection, options: ProjectorOptions) {
    this.projection = projection;
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends after the batch at work. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { pollMs, batchSize, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let handled = 0;
      try {
        handled = await catchUp(this.#options.database, this.projection, batchSize);
        this.error = undefined;
      } catch (error) {
        if (!this.error) log.error({ err: error, projection: this.projection.name }, 'a projection does not get on');
        this.error = error as Error;
      }
      if (handled === batchSize) continue;
      await wait(this.error ? pollMs * 10 : pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** One batch, with the place that it leads to, in one transaction. @returns how many events it was. */
export function catchUp(database: Database, projection: Projection, limit: number): Promise<number> {
  return database.transaction(async (transaction) => {
    const place = await takeTurn(transaction, projection.name);
    if (!place) return 0;
    const batch = await readAll(transaction, place, projection.aggregates, limit);
    for (const { event } of batch) await projection.handle(event, transaction);
    const last = batch.at(-1);
    if (last) await savePlace(transaction, projection.name, last.place);
    return batch.length;
  });
}

/** The place of a projection, locked; undefined while another process has it. */
async function takeTurn(transaction: Queries, name: string): Promise<Place | undefined> {
  const select = 'select transaction::text, position::text from projections where name = $1 for update skip locked';
  const { rows } = await transaction.query<Place & Record<string, unknown>>(select, [name]);
  if (rows[0]) return rows[0];
  // New, or taken. One that is new here is new to everybody, so it begins with the next look.
  await transaction.query('insert into projections (name) values ($1) on conflict do nothing', [name]);
  return undefined;
}

async function savePlace(transaction: Queries, name: string, { transaction: id, position }: Place): Promise<void> {
  await transaction.query('update projections set transaction = $2::xid8, position = $3::bigint where name = $1', [
    name,
    id,
    position,
  ]);
}

/**
 * Makes a projection anew from all events, in one transaction: readers see the old one until the new one is complete.
 * Commands go on meanwhile, except those of an inline projection, which wait. @returns how many events it was.
 */
export function rebuild(database: Database, projection: Projection, batchSize: number): Promise<number> {
  const { name, aggregates, reset } = projection;
  if (!reset) throw new Error(`${name} has no reset, so it cannot be rebuilt`);
  return database.transaction(async (transaction) => {
    await transaction.query('set local statement_timeout = 0');
    await transaction.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName(projection)]);
    await transaction.query('insert into projections (name) values ($1) on conflict do nothing', [name]);
    await transaction.query('select 1 from projections where name = $1 for update', [name]);
    await reset(transaction);
    // The lock keeps every command of an inline projection out, so all that is committed counts.
    const evenUnsettled = projection.mode === 'inline';
    let place = beginning;
    for (let count = 0; ; ) {
      const batch = await readAll(transaction, place, aggregates, batchSize, { evenUnsettled });
      for (const { event } of batch) await projection.handle(event, transaction);
      count += batch.length;
      place = batch.at(-1)?.place ?? place;
      if (batch.length < batchSize) {
        await savePlace(transaction, name, place);
        return count;
      }
    }
  });
}
