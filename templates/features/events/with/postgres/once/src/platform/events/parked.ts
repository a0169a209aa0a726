import type pg from 'pg';

/** An event in the outbox that the broker refused for good. */
export interface Parked {
  id: string;
  subject: string;
  key: string | null;
  event_id: string;
  parked_at: Date;
  reason: string;
}

type Queries = Pick<pg.Pool, 'query'>;

/** The oldest first. */
export async function listParked(database: Queries): Promise<Parked[]> {
  const { rows } = await database.query<Parked>(
    'select id, subject, key, event_id, parked_at, reason from outbox where parked_at is not null order by id',
  );
  return rows;
}

/** Has the relay send them again, before everything that came later. @returns those that were parked. */
export async function retryParked(database: Queries, ids: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'update outbox set parked_at = null, reason = null where parked_at is not null and id = any($1::bigint[]) returning id',
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** Removes them for good. @returns those that were parked. */
export async function dropParked(database: Queries, ids: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'delete from outbox where parked_at is not null and id = any($1::bigint[]) returning id',
    [ids],
  );
  return rows.map(({ id }) => id);
}

export async function countOutbox(database: Queries): Promise<{ waiting: number; seconds: number; parked: number }> {
  const { rows } = await database.query<{ waiting: number; seconds: number; parked: number }>(
    `select count(*) filter (where parked_at is null)::int as waiting,
            count(*) filter (where parked_at is not null)::int as parked,
            coalesce(extract(epoch from now() - min(created_at) filter (where parked_at is null)), 0)::float8 as seconds
     from outbox`,
  );
  return rows[0] ?? { waiting: 0, seconds: 0, parked: 0 };
}
