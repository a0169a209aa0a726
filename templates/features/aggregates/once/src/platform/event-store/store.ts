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
  event_version: number;
  data: unknown;
  timestamp: Date;
  command_id: string | null;
}

/** Reads any version of any event; see `Aggregate.read`. */
export type Reader = Pick<Aggregate, 'name' | 'read'>;

/** @param reader absent where the events are of the version of now */
export const toStored = <Event extends AnyEvent>(row: Row, reader?: Reader): Stored<Event> =>
  ({
    aggregate: row.aggregate,
    aggregateId: row.aggregate_id,
    version: row.version,
    type: row.type,
    data: reader ? reader.read(row.type, row.event_version, row.data) : row.data,
    timestamp: row.timestamp,
    commandId: row.command_id ?? undefined,
  }) as Stored<Event>;

const columns = 'aggregate, aggregate_id, version, type, event_version, data, timestamp, command_id';

/** Everything that happened to one aggregate, in order; empty where there is no such thing. */
export async function load<Event extends AnyEvent>(
  queries: Queries,
  aggregate: Reader,
  id: string,
): Promise<Stored<Event>[]> {
  const { rows } = await queries.query<Row>(
    `select ${columns} from domain_events where aggregate = $1 and aggregate_id = $2 order by version`,
    [aggregate.name, id],
  );
  return rows.map((row) => toStored<Event>(row, aggregate));
}

/** The version that a command has led to; undefined where it has not been carried out. */
export async function versionAfter(
  queries: Queries,
  { name }: { name: string },
  id: string,
  commandId: string,
): Promise<number | undefined> {
  const { rows } = await queries.query<{ version: number | null }>(
    'select max(version) as version from domain_events where aggregate = $1 and aggregate_id = $2 and command_id = $3',
    [name, id, commandId],
  );
  return rows[0]?.version ?? undefined;
}

export interface Append<Event extends AnyEvent> {
  aggregate: Pick<Aggregate, 'name' | 'check' | 'versionOf'>;
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
    events.map(({ type }) => aggregate.versionOf(type)),
    commandId ?? null,
    correlationId() ?? null,
  ]);
  if (rows.length !== events.length) throw new VersionConflict(aggregate.name, id, expectedVersion);
  return rows.map((row) => toStored<Event>(row)).sort((a, b) => a.version - b.version);
}

// See src/migrations/0033-event-store-functions.sql.
const insert = `select ${columns} from append_events($1, $2, $3, $4, $5, $6, $7, $8)`;
