import type { Queries } from '../postgres/database.ts';

/*
 * The order of all events is their position, a number from a counter. Numbers are taken before the commit, and
 * transactions commit in any order: a reader that went on after the highest number it sees would pass one that commits a
 * moment later. So every append announces itself before it takes its numbers, by a shared lock whose name holds the
 * counter as it was; the database keeps the lock until the transaction has ended, however it ends.
 *
 * A reader looks at the counter first, then at the locks. A number up to the counter had been taken by then, after its
 * announcement: its transaction either still holds a lock with a lower number, or has ended, and the next statement sees
 * what it has committed. So everything up to the lowest of these numbers is settled.
 *
 * Only transactions that append hold readers back. Ids of transactions (pg_snapshot_xmin) would need no locks, but would
 * wait for every open transaction that has written anything, in any database of the server.
 */

/** The upper 16 bits of the names of our locks; the lower 48 hold the counter. Any number, and ours alone. */
const tag = 17_750;
const counter = "coalesce(pg_sequence_last_value('domain_events_counter'), 0)";

/** SQL that announces an append until the transaction ends. It must have run before a position is taken. */
export const announce = `pg_advisory_xact_lock_shared((${tag}::bigint << 48) + ${counter})`;

/** The position up to which no event can be added any more; a statement that begins now sees all of those. */
export async function settledPosition(queries: Queries): Promise<number> {
  const taken = await queries.query<{ position: number }>(`select ${counter}::float8 as position`);
  // https://www.postgresql.org/docs/current/view-pg-locks.html: objsubid is 1 where the name is one number of 64 bits.
  const announced = await queries.query<{ position: number | null }>(
    `select min(((classid::bigint & 65535) << 32) + objid::bigint)::float8 as position from pg_locks
     where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = ${tag}
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return Math.min(taken.rows[0]?.position ?? 0, announced.rows[0]?.position ?? Number.POSITIVE_INFINITY);
}
