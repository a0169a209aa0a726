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
  arrival: Arrival,
  effect: (transaction: Queries) => Promise<void>,
): Promise<Outcome> {
  try {
    return await database.transaction(async (transaction) => {
      const place = await arrive(transaction, arrival);
      if (place === 'early') throw new Early();
      if (place === 'duplicate') return 'duplicate';
      await effect(transaction);
      return 'handled';
    });
  } catch (error) {
    if (error instanceof Early) return 'early';
    throw error;
  }
}

/** Takes the turn of an event that nobody will handle, so that its key goes on without it. */
export async function takeTurn(
  queries: Queries,
  consumer: string,
  { key, sequence, follows }: Attributes,
): Promise<void> {
  if (key !== undefined && sequence !== undefined)
    await queries.query('select take_turn($1, $2, $3, $4, true)', [consumer, key, sequence, follows]);
}

/** Takes its turn, where it is, and notes that it is here: see src/migrations/0023-event-functions.sql. */
async function arrive(
  transaction: Queries,
  { consumer, event: { id, key, sequence, follows }, mayFollowGap }: Arrival,
): Promise<'early' | 'first' | 'duplicate' | undefined> {
  const { rows } = await transaction.query<{ arrival: 'early' | 'first' | 'duplicate' }>(
    'select arrive($1, $2, $3, $4, $5, $6) as arrival',
    [consumer, id, key, sequence, follows, mayFollowGap],
  );
  return rows[0]?.arrival;
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
