import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';

// Any number, the same in every replica of every version. In the text, not as a parameter: a statement with parameters
// keeps its snapshot until the next one.
const takeLock = 'select pg_try_advisory_xact_lock(7236502) as ours';

/**
 * Runs `work` in one process after the other. The engine brings its own tables up to date when it is launched, and of
 * several replicas that do so at once on a new database all but one would fail.
 *
 * Asks again and again instead of waiting inside a statement: one that waits holds a snapshot, and the engine builds
 * indexes concurrently, which waits for every older snapshot to go. The lock belongs to the transaction, so it also holds
 * behind a connection pooler, and ends with the process.
 */
export async function withMutex(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('set local idle_in_transaction_session_timeout = 0');
    while (!(await isOurs(client))) await wait(100);
    await work();
  } finally {
    await client.query('rollback').catch(() => undefined);
    client.release();
  }
}

async function isOurs(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>(takeLock);
  return rows[0]?.ours === true;
}
