import type { Queries } from '../postgres/database.ts';

/** What only tells whether an event comes twice, or how often it was tried, and since when. */
const retained = { outbox_ids: 'created_at', inbox: 'handled_at', inbox_attempts: 'since' };

/** After so many days the stream has dropped a handled event, and a step that chose the id of its event is over. */
export async function removeExpired(database: Queries, days: number): Promise<void> {
  for (const [table, column] of Object.entries(retained))
    await database.query(`delete from ${table} where ${column} < now() - $1 * interval '1 day'`, [days]);
}
