import { advisoryLocks } from '../postgres/advisory-locks.ts';
import type { Queries } from '../postgres/database.ts';
import type { AnyEvent, Stored } from './aggregate.ts';
import type { Reader } from './store.ts';

/** An aggregate, or its name. */
export type Source = string | Reader;

export const nameOf = (source: Source): string => (typeof source === 'string' ? source : source.name);

/** What is made from events: a table to read from, or a message to somebody else. */
export interface Projection {
  /** Unique, kebab-case. */
  name: string;
  /**
   * `inline`: in the transaction of the event, so that a reader sees both or neither; it makes every command slower.
   * `catch-up`: soon afterwards, in one process at a time; it may be added, changed and rebuilt at any time.
   */
  mode: 'inline' | 'catch-up';
  /** Aggregates whose events it gets: as the version of now says them, or, by name alone, as they were written. */
  aggregates: readonly Source[];
  /** The next events, in order: those of one command, or, where it has to catch up, some hundred at once. */
  handle(events: readonly Stored<AnyEvent>[], transaction: Queries): Promise<void>;
  /** Empties what it has made. Without it the projection cannot be rebuilt: a message that was sent cannot be taken back. */
  reset?(transaction: Queries): Promise<void>;
}

export const defineProjection = (projection: Projection): Projection => projection;

export const isProjection = (value: unknown): value is Projection =>
  typeof (value as Projection | null | undefined)?.handle === 'function' &&
  Array.isArray((value as Projection).aggregates);

/** Runs inline projections. They wait while one of them is being rebuilt, and not for each other. */
export async function applyInline(
  transaction: Queries,
  projections: readonly Projection[],
  events: readonly Stored<AnyEvent>[],
): Promise<void> {
  for (const projection of projections) {
    const own = events.filter(({ aggregate }) => projection.aggregates.map(nameOf).includes(aggregate));
    if (own.length === 0) continue;
    // One without a reset is never rebuilt.
    if (projection.reset) await transaction.query(`select pg_advisory_xact_lock_shared(${lock})`, [projection.name]);
    await projection.handle(own, transaction);
  }
}

/** The lock of a projection, by its name: shared by commands, exclusive for a rebuild. */
export const lock = `${advisoryLocks.projections}, hashtext($1)`;
