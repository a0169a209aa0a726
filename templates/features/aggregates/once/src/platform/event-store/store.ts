import { correlationId } from '../context.ts';
import type { Queries } from '../postgres/database.ts';
import { Problem } from '../problem.ts';
import type { Aggregate, AnyEvent, Stored } from './aggregate.ts';

/** Somebody else was quicker: the aggregate is not at the version that the change was made for. Nothing was stored. */
export class VersionConflict extends Problem {
  constructor(aggregate: string, id: string, expectedVersion: number) {
    super(409, 'version-conflict', `This ${aggregate} has changed in the meantime`, { id, expectedVersion });
  }
}

export interface Row {
  aggregate: string;
  aggregate_id: string;
  version: number;
  type: string;
  data: unknown;
  timestamp: Date;
  command_id: string | null;
}

export const toStored = <Event extends AnyEvent>(row: Row): Stored<Event> =>
  ({
    aggregate: row.aggregate,
    aggregateId: row.aggregate_id,
    version: row.version,
    type: row.type,
    data: row.data,
    timestamp: row.timestamp,
    commandId: row.command_id ?? undefined,
  }) as Stored<Event>;

/** Everything that happened to one aggregate, in order; empty where there is no such thing. */
export async function load<Event extends AnyEvent>(
  queries: Queries,
  { name }: { name: string },
  id: string,
): Promise<Stored<Event>[]> {
  const { rows } = await queries.query<Row>(
    `select aggregate, aggregate_id, version, type, data, timestamp, command_id
     from domain_events where aggregate = $1 and aggregate_id = $2 order by version`,
    [name, id],
  );
  return rows.map((row) => toStored<Event>(row));
}

export interface Append<Event extends AnyEvent> {
  aggregate: Pick<Aggregate, 'name' | 'check'>;
  id: string;
  /** Version that the events were decided on; 0 where there was nothing. */
  expectedVersion: number;
  events: readonly Event[];
  commandId?: string | undefined;
}

/** @throws VersionConflict where the aggregate is not at that version: roll the transaction back. */
export async function append<Event extends AnyEvent>(
  transaction: Queries,
  { aggregate, id, expectedVersion, events, commandId }: Append<Event>,
): Promise<Stored<Event>[]> {
  for (const event of events) aggregate.check(event);
  const { rows } = await transaction.query<Row>(insert, [
    aggregate.name,
    id,
    expectedVersion,
    events.map(({ type }) => type),
    events.map(({ data }) => JSON.stringify(data)),
    commandId ?? null,
    correlationId() ?? null,
  ]);
  if (rows.length !== events.length) throw new VersionConflict(aggregate.name, id, expectedVersion);
  return rows.map((row) => toStored<Event>(row)).sort((a, b) => a.version - b.version);
}

// A version that does not follow the last one is as good as a conflict: versions have no gaps.
const insert = `
  insert into domain_events (aggregate, aggregate_id, version, type, data, command_id, correlation_id)
  select $1, $2, $3 + number, type, data, $6, $7
  from unnest($4::text[], $5::jsonb[]) with ordinality as event (type, data, number)
  where $3 = 0 or exists (select 1 from domain_events where aggregate = $1 and aggregate_id = $2 and version = $3)
  on conflict do nothing
  returning aggregate, aggregate_id, version, type, data, timestamp, command_id`;
