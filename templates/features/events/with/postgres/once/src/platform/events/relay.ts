import type { FastifyBaseLogger } from 'fastify';
import type pg from 'pg';
import { Loop } from '../loop.ts';
import { dropIdle } from '../postgres/pool.ts';
import type { Broker } from './broker.ts';
import type { Headers } from './cloud-event.ts';

const look = `
  select exists (select from outbox) as waiting, current_setting('transaction_read_only') = 'on' as demoted`;

interface Row {
  id: string;
  event_id: string;
  subject: string;
  key: string | null;
  headers: Headers;
  data: string;
}

export interface RelayOptions {
  /** Of its own, so that a busy service does not hold up its events. */
  pool: pg.Pool;
  broker: Broker;
  log: FastifyBaseLogger;
  /** Milliseconds between two looks into an empty outbox. */
  pollMs: number;
  batchSize: number;
  /** Milliseconds after which the database takes the turn from a relay that is frozen. */
  turnMs: number;
  onSent(subject: string): void;
}

/** Any number, the same in every replica; only one of them sends at a time. */
const lockNumber = 7_236_503;

/**
 * Sends what is in the outbox to the broker, in the order of the commits. Every replica runs one, and they take turns by a
 * lock of the transaction, so it is released when a process dies. A row is deleted only after the broker has stored the event:
 * killed in between, it is sent again under the same id, and the consumer's inbox drops it.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #loop = new Loop(() => this.#round());
  #failures = 0;
  /** Why events wait although the broker is there; undefined where they do not. */
  error: Error | undefined;

  constructor(options: RelayOptions) {
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
    const isMore = await this.#sendBatch().catch((error) => this.#report(error));
    return isMore ? 0 : this.#options.pollMs * 2 ** Math.min(this.#failures, 5);
  }

  #report(error: unknown): boolean {
    this.#failures += 1;
    this.error = error as Error;
    if (this.#failures === 1)
      this.#options.log.warn({ err: error }, 'events cannot be sent yet; they wait in the outbox');
    return false;
  }

  /** @returns whether there may be more to send at once. */
  async #sendBatch(): Promise<boolean> {
    const { pool, broker, batchSize, turnMs } = this.#options;
    if (!broker.isConnected) return false;
    const { rows } = await pool.query<{ waiting: boolean; demoted: boolean }>(look);
    if (rows[0]?.demoted) {
      // It is read as ever, and finds nothing for ever: what is new waits on the server that took its place.
      dropIdle(pool);
      throw new Error('the database takes no writes');
    }
    if (!rows[0]?.waiting) return false;

    const client = await pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken ??= error;
    };
    client.on('error', onError);
    try {
      await client.query('begin');
      await client.query(`set local idle_in_transaction_session_timeout = ${turnMs}`);
      const turn = await client.query<{ ours: boolean }>('select pg_try_advisory_xact_lock($1) as ours', [lockNumber]);
      if (!turn.rows[0]?.ours) return false;

      const { rows } = await client.query<Row>(
        'select id, event_id, subject, key, headers, data from outbox order by id limit $1',
        [batchSize],
      );
      const { sent, failure } = await this.#send(rows);
      await client.query('delete from outbox where id = any($1::bigint[])', [sent]);
      await client.query('commit');
      if (failure) throw failure;
      if (this.#failures > 0) this.#options.log.info('events are sent again');
      this.#failures = 0;
      this.error = undefined;
      return rows.length === batchSize;
    } finally {
      await client.query('rollback').catch(onError);
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Events of one key go one after the other, each after the last was stored; different keys go side by side. */
  async #send(rows: readonly Row[]): Promise<{ sent: string[]; failure?: Error }> {
    const lanes = lanesOf(rows);
    const sent: string[] = [];
    let failure: Error | undefined;
    await Promise.all(
      [...lanes.values()].map(async (lane) => {
        try {
          for (const row of lane) {
            await this.#options.broker.publish({ ...row, id: row.event_id }, this.#options.turnMs / 2);
            sent.push(row.id);
            this.#options.onSent(row.subject);
          }
        } catch (error) {
          failure ??= error as Error;
        }
      }),
    );
    return { sent, ...(failure && { failure }) };
  }
}

/** Rows that must go one after the other: those of one subject and key. */
function lanesOf(rows: readonly Row[]): Map<string, Row[]> {
  const lanes = new Map<string, Row[]>();
  for (const row of rows) {
    const name = row.key === null ? row.id : `${row.subject} ${row.key}`;
    const lane = lanes.get(name);
    if (lane) lane.push(row);
    else lanes.set(name, [row]);
  }
  return lanes;
}
