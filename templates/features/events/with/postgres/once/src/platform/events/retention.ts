import type { Queries } from '../postgres/database.ts';
import { removeOld } from '../postgres/remove-old.ts';

/** What only tells whether an event comes twice, or how often it was tried, and since when. */
const retained = { outbox_ids: 'created_at', inbox: 'handled_at', inbox_attempts: 'since' };

/** Rows of one table that are removed at once. */
const piece = 10_000;

/**
 * After so many days the stream has dropped a handled event, and a step that chose the id of its event is over. A piece of each.
 *
 * @returns whether there may be more
 */
export async function removeExpired(database: Queries, days: number, limit = piece): Promise<boolean> {
  let isMore = false;
  for (const [table, column] of Object.entries(retained)) {
    const old = { table, column, before: "now() - $2 * interval '1 day'", values: [days] };
    if ((await removeOld(database, old, limit)) === limit) isMore = true;
  }
  return isMore;
}

/**
 * Keys without an event for so many days. Their numbers do not begin anew: who still knows a key would take small numbers
 * for old ones, and hold no order among them.
 *
 * @returns whether there may be more
 */
export async function forgetKeys(database: Queries, days: number, limit = piece): Promise<boolean> {
  // First, and in a transaction of its own: whoever sees a key gone sees this too.
  await database.query(
    `select setval('outbox_first_sequence', greatest(last_value, highest + 1), false)
     from outbox_first_sequence,
          (select max(last_sequence) as highest from outbox_keys where used_on < current_date - $1::int) as forgotten
     where highest is not null`,
    [days],
  );
  let isMore = false;
  for (const table of ['outbox_keys', 'inbox_keys']) {
    const old = { table, column: 'used_on', before: 'current_date - $2::int', values: [days] };
    if ((await removeOld(database, old, limit)) === limit) isMore = true;
  }
  return isMore;
}
