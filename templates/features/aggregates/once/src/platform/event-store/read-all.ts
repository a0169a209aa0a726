import type { Queries } from '../postgres/database.ts';
import type { AnyEvent, Stored } from './aggregate.ts';
import { type Row, toStored } from './store.ts';

/** A place in the order of all events. */
export interface Place {
  transaction: string;
  position: string;
}

export const beginning: Place = { transaction: '0', position: '0' };

/**
 * The next events after a place, of all aggregates named. The order is that of transactions, and only those are read that
 * no running one can come before: a counter alone would let a reader pass a number that commits a moment later.
 * `evenUnsettled` reads all that is committed: only for who keeps every writer out meanwhile.
 */
export async function readAll(
  queries: Queries,
  after: Place,
  aggregates: readonly string[],
  limit: number,
  { evenUnsettled = false }: { evenUnsettled?: boolean } = {},
): Promise<{ event: Stored<AnyEvent>; place: Place }[]> {
  const { rows } = await queries.query<Row & Place>(
    `select aggregate, aggregate_id, version, type, data, timestamp, command_id,
            transaction::text as transaction, position::text as position
     from domain_events
     where (domain_events.transaction, domain_events.position) > ($1::xid8, $2::bigint)
       and ($5 or domain_events.transaction < pg_snapshot_xmin(pg_current_snapshot()))
       and aggregate = any($3)
     order by domain_events.transaction, domain_events.position
     limit $4`,
    [after.transaction, after.position, aggregates, limit, evenUnsettled],
  );
  return rows.map((row) => ({
    event: toStored(row),
    place: { transaction: row.transaction, position: row.position },
  }));
}
