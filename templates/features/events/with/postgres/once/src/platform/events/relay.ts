import type { FastifyBaseLogger } from 'fastify';
import type pg from 'pg';
import { Loop } from '../loop.ts';
import { advisoryLocks } from '../postgres/advisory-locks.ts';
import { commit } from '../postgres/commit.ts';
import { dropIdle } from '../postgres/pool.ts';
import { sendTogether } from '../postgres/send-together.ts';
import { type Broker, Refused } from './broker.ts';
import { followsHeader, type Headers, sequenceHeader } from './cloud-event.ts';
import { Pauses } from './pauses.ts';

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
  onParked(subject: string): void;
}

/** What became of the rows of a batch; the others wait. */
interface Result {
  sent: string[];
  parked: { id: string; reason: string }[];
}

/** Events of keys that are parked, and what each of them would have followed. */
type Gaps = Map<string, string>;

const gap = (subject: string, key: string | null, sequence: string | undefined): string =>
  JSON.stringify([subject, key, sequence]);

const isWaiting = 'parked_at is null and subject <> all($1)';

/** Only one replica sends at a time. */
const lockNumber = advisoryLocks.outboxRelay;

/**
 * Sends what is in the outbox to the broker, in the order of the commits. Every replica runs one, and they take turns by a
 * lock of the transaction, so it is released when a process dies. A row is deleted only after the broker has stored the event:
 * killed in between, it is sent again under the same id, and the consumer's inbox drops it.
 *
 * One event that the broker will never take is parked, and its key goes on without it. A subject whose stream takes nothing
 * now (full, without a leader, not permitted) waits by itself.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #loop = new Loop(() => this.#round());
  readonly #pauses: Pauses;
  #failures = 0;
  #error: Error | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.pollMs);
  }

  /** Why events wait although the broker is there; undefined where they do not. */
  get error(): Error | undefined {
    return this.#error ?? this.#pauses.error;
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the batch at work. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #round(): Promise<number> {
    const { log, pollMs } = this.#options;
    try {
      const isMore = await this.#sendBatch();
      if (this.#failures > 0) log.info('the outbox is read again');
      this.#failures = 0;
      this.#error = undefined;
      return isMore ? 0 : pollMs;
    } catch (error) {
      this.#failures += 1;
      this.#error = error as Error;
      if (this.#failures === 1) log.warn({ err: error }, 'the outbox cannot be read; events wait in it');
      return pollMs * 2 ** Math.min(this.#failures, 6);
    }
  }

  /** @returns whether there may be more to send at once. */
  async #sendBatch(): Promise<boolean> {
    const { pool, broker, batchSize, turnMs } = this.#options;
    if (!broker.isConnected) return false;
    const paused = this.#pauses.now();
    const look = await pool.query<{ waiting: boolean; parked: boolean; demoted: boolean }>(
      `select exists (select from outbox where ${isWaiting}) as waiting,
              exists (select from outbox where parked_at is not null) as parked,
              current_setting('transaction_read_only') = 'on' as demoted`,
      [paused],
    );
    if (look.rows[0]?.demoted) {
      // It is read as ever, and finds nothing for ever: what is new waits on the server that took its place.
      dropIdle(pool);
      throw new Error('the database takes no writes');
    }
    if (!look.rows[0]?.waiting) return false;

    const client = await pool.connect();
    let isOpen = true;
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken ??= error;
    };
    client.on('error', onError);
    try {
      const [, turn] = await sendTogether(client, () =>
        Promise.all([
          client.query(`begin; set local idle_in_transaction_session_timeout = ${turnMs}`),
          client.query<{ ours: boolean }>('select pg_try_advisory_xact_lock($1) as ours', [lockNumber]),
        ]),
      );
      if (!turn.rows[0]?.ours) return false;

      const { rows } = await client.query<Row>(
        `select id, event_id, subject, key, headers, data from outbox where ${isWaiting} order by id limit $2`,
        [paused, batchSize],
      );
      const gaps = look.rows[0].parked ? await findGaps(client, rows) : new Map();
      const result = await this.#send(rows, gaps);
      await sendTogether(client, () => Promise.all([...writeDown(client, result), commit(client)]));
      isOpen = false;
      return rows.length === batchSize && result.sent.length + result.parked.length > 0;
    } finally {
      if (isOpen) await client.query('rollback').catch(onError);
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Events of one key go one after the other, each after the last was stored; different keys go side by side. */
  async #send(rows: readonly Row[], gaps: Gaps): Promise<Result> {
    const result: Result = { sent: [], parked: [] };
    // The rest of a slow lane is sent in the next turn, before the database takes this one away.
    const until = performance.now() + this.#options.turnMs / 4;
    await Promise.all([...lanesOf(rows).values()].map((lane) => this.#sendLane(lane, until, gaps, result)));
    return result;
  }

  async #sendLane(lane: readonly Row[], until: number, gaps: Gaps, { sent, parked }: Result): Promise<void> {
    const { broker, turnMs, onSent, onParked, log } = this.#options;
    for (const row of lane) {
      if (performance.now() > until) return;
      const { id, subject, key, event_id, headers } = row;
      closeGap(row, gaps);
      try {
        await broker.publish({ ...row, id: event_id }, turnMs / 2);
        sent.push(id);
        onSent(subject);
        if (this.#pauses.end(subject)) log.info({ subject }, 'events are sent again');
      } catch (error) {
        if (!(error instanceof Refused)) {
          if (this.#pauses.begin(subject, error as Error))
            log.warn({ err: error, subject }, 'events cannot be sent yet; they wait in the outbox');
          return;
        }
        parked.push({ id, reason: error.message.slice(0, 1_000) });
        gaps.set(gap(subject, key, headers[sequenceHeader]), headers[followsHeader] ?? '');
        onParked(subject);
        log.error({ err: error, subject, event: event_id, row: id }, 'an event is parked: see `npm run outbox`');
      }
    }
  }
}

/** Begins the statements that say what became of the rows; where one of them fails, the commit after them is none. */
function writeDown(client: pg.ClientBase, { sent, parked }: Result): Promise<unknown>[] {
  const statements: Promise<unknown>[] = [];
  if (sent.length > 0) statements.push(client.query('delete from outbox where id = any($1::bigint[])', [sent]));
  if (parked.length > 0) {
    statements.push(
      client.query(
        `update outbox set parked_at = now(), reason = parked.reason
         from unnest($1::bigint[], $2::text[]) as parked (id, reason) where outbox.id = parked.id`,
        [parked.map(({ id }) => id), parked.map(({ reason }) => reason)],
      ),
    );
  }
  return statements;
}

async function findGaps(client: pg.ClientBase, rows: readonly Row[]): Promise<Gaps> {
  const { rows: parked } = await client.query<Pick<Row, 'subject' | 'key' | 'headers'>>(
    'select subject, key, headers from outbox where parked_at is not null and key = any($1)',
    [rows.map(({ key }) => key)],
  );
  return new Map(
    parked.map(({ subject, key, headers }) => [
      gap(subject, key, headers[sequenceHeader]),
      headers[followsHeader] ?? '',
    ]),
  );
}

/** Says that an event follows the last one that was sent, so that nobody waits for one that is parked. */
function closeGap({ subject, key, headers }: Row, gaps: Gaps): void {
  for (;;) {
    const before = gaps.get(gap(subject, key, headers[followsHeader]));
    if (!before) return;
    headers[followsHeader] = before;
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
