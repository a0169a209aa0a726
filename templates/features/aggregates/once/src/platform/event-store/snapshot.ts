import type { Queries } from '../postgres/database.ts';
import type { Aggregate, AnyEvent, Stored } from './aggregate.ts';
import { type Row, toStored } from './store.ts';

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
  // See src/migrations/0033-event-store-functions.sql.
  const { rows } = await queries.query<HistoryRow>(
    'select version, type, event_version, data, timestamp, command_id from aggregate_history($1, $2, $3)',
    [aggregate.name, id, aggregate.snapshots?.shape],
  );
  const snapshot = rows.find(({ type }) => type === null);
  const events = rows
    .filter((row): row is EventRow => row.type !== null)
    .map((row) => toStored<Event>({ ...row, aggregate: aggregate.name, aggregate_id: id }, aggregate));
  const start = snapshot
    ? { state: snapshot.data as State, version: snapshot.version }
    : { state: aggregate.initial, version: 0 };
  return { start, events };
}

type EventRow = Omit<Row, 'aggregate' | 'aggregate_id'>;
/** The snapshot has no type. */
type HistoryRow = EventRow | { version: number; type: null; data: unknown };

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
