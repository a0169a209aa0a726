import { createHash } from 'node:crypto';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Problem } from '../problem.ts';

/** The data of each event, by the name of the event. */
export type EventSchemas = Readonly<Record<string, TSchema>>;

/** One of these events, as `decide` returns it. */
export type EventOf<S extends EventSchemas> = { [T in keyof S & string]: { type: T; data: Static<S[T]> } }[keyof S &
  string];

/** An event as it is stored. */
export type Stored<Event extends { type: string; data: unknown }> = Event & {
  aggregate: string;
  aggregateId: string;
  /** 1 for the first event of an aggregate, then without a gap. */
  version: number;
  timestamp: Date;
  /** What the caller named the command; the same command twice happens once. */
  commandId: string | undefined;
};

/** How old data is read, by event: the first step makes version 2 of version 1, the next one version 3. */
export type Upcasts<S extends EventSchemas = EventSchemas> = {
  readonly [T in keyof S & string]?: readonly ((old: never) => unknown)[];
};

/** Which person an event speaks of, and what is left of its data when that person is to be forgotten; by event. */
export type People<S extends EventSchemas = EventSchemas> = {
  readonly [T in keyof S & string]?: {
    /** An id that stands in the data, or the aggregate's own. */
    who(data: Static<S[T]>, aggregateId: string): string;
    forget(data: Static<S[T]>): Static<S[T]>;
  };
};

export interface SnapshotOptions {
  /** Events after which the state is stored, so that no command reads more than these. */
  every: number;
  /** Raise it when functions that `evolve` calls change their meaning; its own text and the state's schema are seen. */
  version?: number;
}

export type AnyEvent = { type: string; data: unknown };

export interface Aggregate<State = unknown, Command = unknown, Event extends AnyEvent = AnyEvent> {
  /** Names it in the store: `cart`. */
  name: string;
  initial: State;
  /** The state after one more event. Pure, and never refuses: what is stored has happened. */
  evolve(state: State, event: Event): State;
  /** The events that a command leads to; none where nothing changes. Pure; throws where a rule says no. */
  decide(state: State, command: Command): readonly Event[];
  /** @throws where the data is not what the event says: nothing else is ever stored. */
  check(event: AnyEvent): void;
  /** The version in which an event is written now; 1 without upcasts. */
  versionOf(type: string): number;
  /**
   * Data of any version as the version of now says it.
   *
   * @throws Problem 503 where a later release wrote it: a replica that is about to be replaced decides nothing on it
   */
  read(type: string, version: number, data: unknown): unknown;
  /** `shape` is that of the stored state: another one is ignored and written anew. */
  snapshots: { every: number; shape: string } | undefined;
  people?: People;
}

interface Parts<S extends EventSchemas, T extends TSchema, Command>
  extends Pick<Aggregate<Static<T>, Command, EventOf<S>>, 'initial' | 'evolve' | 'decide'> {
  events: S;
  state: T;
  upcasts?: Upcasts<S>;
  snapshots?: SnapshotOptions;
  people?: People<S>;
}

/** Ties the pure parts together; what they are is in src/aggregates/. `state` is the schema of what `evolve` returns. */
export function defineAggregate<S extends EventSchemas, T extends TSchema, Command>(
  name: string,
  { snapshots, people, ...parts }: Parts<S, T, Command>,
): Aggregate<Static<T>, Command, EventOf<S>> & { events: S; state: T } {
  const validators = new Map(Object.entries(parts.events).map(([type, schema]) => [type, Compile(schema)]));
  const stepsOf = (type: string) => (parts.upcasts as Upcasts | undefined)?.[type] ?? [];
  return {
    name,
    ...parts,
    ...(people && { people: people as People }),
    check({ type, data }) {
      const validator = validators.get(type);
      if (!validator) throw new Error(`${name} has no event ${type}`);
      const [problem] = validator.Errors(data);
      if (problem)
        throw new Error(`${name} ${type}: data${problem.instancePath.replaceAll('/', '.')} ${problem.message}`);
    },
    versionOf: (type) => stepsOf(type).length + 1,
    read(type, version, data) {
      const steps = stepsOf(type);
      if (version > steps.length + 1) {
        throw new Problem(503, 'later-event', `${name} ${type} is of version ${version}, from a later release`);
      }
      return steps.slice(version - 1).reduce((old, step) => step(old as never), data);
    },
    snapshots: snapshots && { every: snapshots.every, shape: shapeOf({ snapshots, ...parts }) },
  };
}

/** Differs where the same events could make another state. What it sees too much only costs one replay. */
function shapeOf({
  snapshots,
  state,
  initial,
  evolve,
  upcasts = {},
}: Omit<Parts<EventSchemas, TSchema, never>, 'decide' | 'evolve'> & { evolve: unknown }): string {
  const steps = Object.entries(upcasts).map(([type, all = []]) => [type, all.map(String)]);
  const text = JSON.stringify([snapshots?.version, state, initial, String(evolve), steps]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
