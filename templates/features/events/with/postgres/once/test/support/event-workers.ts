import type { TestContext } from 'node:test';
import pg from 'pg';
import { pino } from 'pino';
import { consumerName } from '../../src/platform/events/consumer.ts';
import { openBroker } from '../../src/platform/events/open-broker.ts';
import { type Again, startAgain } from './again.ts';
import { type StoredEvents, testBroker } from './broker.ts';
import { ackWaitMs, type Job } from './event-worker.ts';
import { counted, type Effect } from './events.ts';
import { eventually } from './eventually.ts';
import { testDatabase } from './postgres.ts';

/** What workers share, seen from outside: only the database and the broker know what they have done. */
export interface Stage {
  /** Runs this test file once more, as a worker (`if (job) await runWorker(job)`). */
  start(role: Job['role'], how?: Pick<Job, 'kill' | 'seed'>): Again;
  /** What the handlers did, in the order in which they did it. */
  effects(): Promise<Effect[]>;
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Removes the consumer's place in the stream, so that the next one reads all of it again. */
  removeQueue(): Promise<void>;
  /** Whether consumers have answered for that many events. */
  isAnswered(count: number): Promise<boolean>;
}

interface Play {
  events: number;
  keys: number;
  failPercent?: number;
  /** A broker of the test's own. */
  broker?: StoredEvents;
}

/** A database and a broker for workers that count `keys` keys up to `events` events in all. */
export async function setStage(t: TestContext, { events, keys, failPercent = 0, broker }: Play): Promise<Stage> {
  const [stored, database] = [broker ?? (await testBroker()), await testDatabase()];
  const pool = new pg.Pool({ connectionString: database, max: 1 });
  // The database of a test goes before its last connection does.
  pool.on('error', () => {});
  t.after(() => pool.end());
  await pool.query(`
    create table test_effects (position bigint generated always as identity, key text, n integer);
    create table test_counters (key text primary key, n integer not null default 0);
    insert into test_counters (key) select 'key-' || i from generate_series(1, ${Number(keys)}) i`);
  const env = { ...stored.env, DATABASE_URL: database, EVENTS_POLL_MS: '10' };
  const seen = openBroker(env, pino({ level: 'silent' }));
  t.after(() => seen.close());
  await seen.connected(30_000);
  const { subject } = counted;
  const name = consumerName(subject);
  return {
    query: async (text) => (await pool.query(text)).rows,
    effects: async () => (await pool.query<Effect>('select key, n from test_effects order by position')).rows,
    removeQueue: () => stored.removeQueue(subject, name),
    async isAnswered(count) {
      const queue = await seen.queue({ name, subject, from: 'all', ackWaitMs });
      return (await queue.answeredUpTo()) >= count;
    },
    start(role, how) {
      const job: Job = { role, ...how, perKey: Math.ceil(events / keys), failPercent };
      return startAgain(t, JSON.stringify(job), env);
    },
  };
}

/** Waits until every event that was committed had its effect, and the outbox is empty. */
export async function untilAllHandled({ query, effects }: Stage, events: number, timeoutMs: number): Promise<Effect[]> {
  await eventually(
    `${events} events are handled`,
    async () => {
      const [counts] = await query(`
        select (select sum(n) from test_counters)::int as committed,
               (select count(*) from test_effects)::int as handled,
               (select count(*) from outbox)::int as waiting`).catch(() => []);
      return counts?.committed === events && Number(counts.handled) >= events && counts.waiting === 0;
    },
    timeoutMs,
  );
  return effects();
}

export interface Tally {
  lost: number;
  twice: number;
  outOfOrder: number;
}

/** Each key was counted up to `perKey`: how many of those numbers are missing, there twice, or after a higher one. */
export function tally(all: readonly Effect[], keys: number, perKey: number): Tally {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const result: Tally = { lost: 0, twice: 0, outOfOrder: 0 };
  for (const { key, n } of all) {
    if (seen.has(`${key} ${n}`)) result.twice += 1;
    else if (n < (last.get(key) ?? 0)) result.outOfOrder += 1;
    seen.add(`${key} ${n}`);
    last.set(key, n);
  }
  result.lost = keys * perKey - seen.size;
  return result;
}
