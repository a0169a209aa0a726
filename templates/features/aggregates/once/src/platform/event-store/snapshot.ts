import type { Queries } from '../postgres/database.ts';
import type { Aggregate, AnyEvent, Stored } from './aggregate.ts';
import { load, type Row, toStored } from './store.ts';

/** Where an aggregate stands without the events that came later: made of nothing, or of a snapshot. */
export interface Start<State> {
  state: State;
  version: number;
}

export interface History<State, Event extends AnyEvent> {
  start: Start<State>;
  /** What happened after that, in order. */
  events: Stored<Event>[];
}

/** What a state is made of: the snapshot of this shape, where there is one, and the events after it. */
export async function loadHistory<State, Event extends AnyEvent>(
  queries: Queries,
  aggregate: Pick<Aggregate<State, never, Event>, 'name' | 'read' | 'initial' | 'snapshots'>,
  id: string,
): Promise<History<State, Event>> {
  const start = { state: aggregate.initial, version: 0 };
  if (!aggregate.snapshots) return { start, events: await load<Event>(queries, aggregate, id) };
  const { rows } = await queries.query<Row | SnapshotRow>(select, [aggregate.name, id, aggregate.snapshots.shape]);
  const snapshot = rows.find((row) => row.type === null);
  const events = rows.filter((row): row is Row => row.type !== null).map((row) => toStored<Event>(row, aggregate));
  return { start: snapshot ? { state: snapshot.data as State, version: snapshot.version } : start, events };
}

interface SnapshotRow {
  version: number;
  type: null;
  data: unknown;
}

// One statement: what a snapshot leaves out is what the second half reads, whoever writes in between.
const select = `
  with snapshot as (
    select version, state from aggregate_snapshots where aggregate = $1 and aggregate_id = $2 and shape = $3)
  select $1 as aggregate, $2 as aggregate_id, version, null as type, null as event_version, state as data,
         null as timestamp, null as command_id
  from snapshot
  union all
  select aggregate, aggregate_id, version, type, event_version, data, timestamp, command_id
  from domain_events
  where aggregate = $1 and aggregate_id = $2 and version > coalesce((select version from snapshot), 0)
  order by version`;

/** Stores the state where enough has happened since the last one. Whoever calls this has just won its version. */
export async function takeSnapshot<State>(
  transaction: Queries,
  { name, snapshots }: Pick<Aggregate, 'name' | 'snapshots'>,
  id: string,
  last: Start<State>,
  now: Start<State>,
): Promise<void> {
  if (!snapshots || now.version - last.version < snapshots.every) return;
  await transaction.query(
    `insert into aggregate_snapshots (aggregate, aggregate_id, version, shape, state) values ($1, $2, $3, $4, $5)
     on conflict (aggregate, aggregate_id) do update
       set version = excluded.version, shape = excluded.shape, state = excluded.state`,
    [name, id, now.version, snapshots.shape, JSON.stringify(now.state)],
  );
}
