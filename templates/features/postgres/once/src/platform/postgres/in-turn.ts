import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { asProblem } from './problems.ts';

/**
 * Runs `work` in one process after the other, of all that use the same number. It needs a connection of its own while
 * `work` uses others of the pool.
 *
 * The lock belongs to a transaction, not to a session, so it also holds behind a pooler, and ends with the process. It is
 * asked for again and again: a statement that waited for it would hold a snapshot, and an index that is built
 * concurrently waits for every older snapshot to go.
 */
export async function inTurn<T>(pool: pg.Pool, lockNumber: number, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error) => Promise.reject(asProblem(error)));
  try {
    await client.query('begin; set local idle_in_transaction_session_timeout = 0');
    // In the text, not as a parameter: a statement with parameters keeps its snapshot until the next one.
    const take = `select pg_try_advisory_xact_lock(${lockNumber}) as ours`;
    while (!(await client.query<{ ours: boolean }>(take)).rows[0]?.ours) await wait(100);
    return await work();
  } finally {
    await client.query('rollback').catch(() => undefined);
    client.release();
  }
}
