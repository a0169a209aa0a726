import type { Database, Queries } from '../postgres/database.ts';
import type { Attributes } from './cloud-event.ts';

/** What became of an event that arrived. */
export type Outcome = 'handled' | 'duplicate' | 'early';

export interface Arrival {
  consumer: string;
  event: Attributes;
  /**
   * Nothing before it is still under way, so that a gap before it will never be filled; or it is a dead letter that was
   * sent again: its turn is long past.
   */
  mayFollowGap: boolean;
}

class Early extends Error {}

/** Runs `effect` once for each event, and for one key in the order in which the events were published. */
export async function handleOnce(
  database: Database,
  { consumer, event, mayFollowGap }: Arrival,
  effect: (transaction: Queries) => Promise<void>,
): Promise<Outcome> {
  try {
    return await database.transaction(async (transaction) => {
      const arrival = await arrive(transaction, consumer, event, mayFollowGap);
      if (!arrival.isTurn) throw new Early();
      if (!arrival.isFirst) return 'duplicate';
      await effect(transaction);
      return 'handled';
    });
  } catch (error) {
    if (error instanceof Early) return 'early';
    throw error;
  }
}

// The row of the key stays locked until the transaction ends, so another replica that has the next event of the key waits
// for this one.
const turn = `
  insert into inbox_keys as known (consumer, key, last_sequence)
  select $1, $2, $3::bigint
  where $4 or $5 = 0 or exists (select 1 from inbox_keys where consumer = $1 and key = $2)
  on conflict (consumer, key) do update
    set last_sequence = greatest(known.last_sequence, excluded.last_sequence), used_on = current_date
  where $4 or known.last_sequence >= $5
  returning 1`;

/** Takes the turn of an event that nobody will handle, so that its key goes on without it. */
export async function takeTurn(
  transaction: Queries,
  consumer: string,
  { key, sequence, follows }: Attributes,
): Promise<void> {
  if (key !== undefined && sequence !== undefined)
    await transaction.query(turn, [consumer, key, sequence, true, follows]);
}

/** Whether all events before this one, of its key, are done with, and whether it is here for the first time. */
async function arrive(
  transaction: Queries,
  consumer: string,
  { id, key, sequence, follows }: Attributes,
  mayFollowGap: boolean,
): Promise<{ isTurn: boolean; isFirst: boolean }> {
  if (key === undefined || sequence === undefined) {
    const { rowCount } = await transaction.query(
      'insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing',
      [consumer, id],
    );
    return { isTurn: true, isFirst: rowCount === 1 };
  }
  const { rows } = await transaction.query<{ is_turn: boolean; is_first: boolean }>(
    `with turn as (${turn}),
     first as (insert into inbox (consumer, event_id) select $1, $6 from turn on conflict do nothing returning 1)
     select exists (select from turn) as is_turn, exists (select from first) as is_first`,
    [consumer, key, sequence, mayFollowGap, follows, id],
  );
  return { isTurn: rows[0]?.is_turn ?? false, isFirst: rows[0]?.is_first ?? false };
}

export async function isHandled(database: Queries, consumer: string, id: string): Promise<boolean> {
  const { rowCount } = await database.query('select from inbox where consumer = $1 and event_id = $2', [consumer, id]);
  return rowCount === 1;
}

/** Counts one more attempt at an event that came again. In the database, so that neither a crash nor a replica hides it. */
export async function countRetry(
  database: Queries,
  consumer: string,
  id: string,
): Promise<{ retries: number; lastError: string | undefined }> {
  const { rows } = await database.query<{ retries: number; last_error: string | null }>(
    `insert into inbox_attempts as known (consumer, event_id, retries) values ($1, $2, 1)
     on conflict (consumer, event_id) do update set retries = known.retries + 1
     returning retries, last_error`,
    [consumer, id],
  );
  return { retries: rows[0]?.retries ?? 1, lastError: rows[0]?.last_error ?? undefined };
}

export async function recordError(database: Queries, consumer: string, id: string, error: unknown): Promise<void> {
  const text = error instanceof Error ? error.message : String(error);
  await database.query(
    `insert into inbox_attempts as known (consumer, event_id, last_error) values ($1, $2, $3)
     on conflict (consumer, event_id) do update set last_error = excluded.last_error`,
    [consumer, id, text.slice(0, 1_000).replaceAll('\0', ' ')],
  );
}

export async function forgetAttempts(queries: Queries, consumer: string, id: string): Promise<void> {
  await queries.query('delete from inbox_attempts where consumer = $1 and event_id = $2', [consumer, id]);
}

/** How far this consumer has come with each of these keys; those that it does not know are missing. */
export async function lastSequences(
  database: Queries,
  consumer: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await database.query<{ key: string; last_sequence: string }>(
    'select key, last_sequence from inbox_keys where consumer = $1 and key = any($2)',
    [consumer, keys],
  );
  return new Map(rows.map(({ key, last_sequence }) => [key, Number(last_sequence)]));
}

/** Whether the event before this one, of its key, is still under way. */
export async function isEarly(database: Queries, consumer: string, { key, follows }: Attributes): Promise<boolean> {
  if (key === undefined || !follows) return false;
  return ((await lastSequences(database, consumer, [key])).get(key) ?? 0) < follows;
}
