import type { Queries } from '../postgres/database.ts';
import type { AnyEvent, Stored } from './aggregate.ts';
import { nameOf, type Source } from './projection.ts';
import { type Row, toStored } from './store.ts';

/** The position up to which no event can be added any more: see src/migrations/0030-event-store.sql. Ask before you read. */
export async function settledPosition(queries: Queries): Promise<number> {
  const { rows } = await queries.query<{ position: number }>('select settled_position()::float8 as position');
  return rows[0]?.position ?? 0;
}

export interface Section {
  /** The position of the last event that was read; 0 at the beginning. */
  after: number;
  /** A settled position; what is behind it is left for later. */
  upTo: number;
  aggregates: readonly Source[];
  limit: number;
}

/** The next events of these aggregates, in the order of all events. */
export async function readAll(
  queries: Queries,
  { after, upTo, aggregates, limit }: Section,
): Promise<{ event: Stored<AnyEvent>; position: number }[]> {
  const { rows } = await queries.query<Row & { position: number }>(
    `select aggregate, aggregate_id, version, type, event_version, data, timestamp, command_id,
            position::float8 as position
     from domain_events
     where domain_events.position > $1 and domain_events.position <= $2 and aggregate = any($3)
     order by domain_events.position limit $4`,
    [after, upTo, aggregates.map(nameOf), limit],
  );
  const readers = new Map(
    aggregates.map((source) => [nameOf(source), typeof source === 'string' ? undefined : source]),
  );
  return rows.map((row) => ({ event: toStored(row, readers.get(row.aggregate)), position: row.position }));
}
