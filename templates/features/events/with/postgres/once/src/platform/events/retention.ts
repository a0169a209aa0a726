import type { Queries } from '../postgres/database.ts';

/** What only tells whether an event comes twice, or how often it was tried, and since when. */
const retained = { outbox_ids: 'created_at', inbox: 'handled_at', inbox_attempts: 'since' };

/** After so many days the stream has dropped a handled event, and a step that chose the id of its event is over. */
export async function removeExpired(database: Queries, days: number): Promise<void> {
  for (const [table, column] of Object.entries(retained))
    await database.query(`delete from ${table} where ${column} < now() - $1 * interval '1 day'`, [days]);
}

/**
 * Keys without an event for so many days. Their numbers do not begin anew: who still knows a key would take small numbers
 * for old ones, and hold no order among them.
 */
export async function forgetKeys(database: Queries, days: number): Promise<void> {
  const unused = 'used_on < current_date - $1::int';
  // First, and in a transaction of its own: whoever sees a key gone sees this too.
  await database.query(
    `select setval('outbox_first_sequence', greatest(last_value, highest + 1), false)
     from outbox_first_sequence, (select max(last_sequence) as highest from outbox_keys where ${unused}) as forgotten
     where highest is not null`,
    [days],
  );
  await database.query(`delete from outbox_keys where ${unused}`, [days]);
  await database.query(`delete from inbox_keys where ${unused}`, [days]);
}
