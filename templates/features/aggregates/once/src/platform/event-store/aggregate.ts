import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

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
}

/** Ties the pure parts together; what they are is in src/aggregates/. `state` is the schema of what `evolve` returns. */
export function defineAggregate<S extends EventSchemas, T extends TSchema, Command>(
  name: string,
  parts: { events: S; state: T } & Pick<Aggregate<Static<T>, Command, EventOf<S>>, 'initial' | 'evolve' | 'decide'>,
): Aggregate<Static<T>, Command, EventOf<S>> & { events: S; state: T } {
  const validators = new Map(Object.entries(parts.events).map(([type, schema]) => [type, Compile(schema)]));
  return {
    name,
    ...parts,
    check({ type, data }) {
      const validator = validators.get(type);
      if (!validator) throw new Error(`${name} has no event ${type}`);
      const [problem] = validator.Errors(data);
      if (problem)
        throw new Error(`${name} ${type}: data${problem.instancePath.replaceAll('/', '.')} ${problem.message}`);
    },
  };
}
