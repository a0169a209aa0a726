import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../postgres/database.ts';
import { withSpan } from '../tracing/span.ts';
import type { Aggregate, AnyEvent, Stored } from './aggregate.ts';
import { keepFromForgetting } from './forget.ts';
import { applyInline, type Projection } from './projection.ts';
import { loadHistory, takeSnapshot } from './snapshot.ts';
import { append, load, VersionConflict, versionAfter } from './store.ts';

export interface Executed<State> {
  state: State;
  version: number;
}

export interface ExecuteOptions {
  /** The version that the caller has seen. Another one is a conflict, and only the caller knows what then. */
  expectedVersion?: number | undefined;
  /** Names the command: sent twice, it happens once. */
  commandId?: string | undefined;
}

/** Without an expected version a lost race is no news to the caller: the command is decided again, on what is there now. */
const attempts = 5;

/** Carries out commands: load, decide, append and the inline projections, all in one transaction. */
export class EventStore {
  readonly #database: Database;
  readonly #inline: readonly Projection[];

  constructor(database: Database, projections: readonly Projection[]) {
    this.#database = database;
    this.#inline = projections.filter(({ mode }) => mode === 'inline');
  }

  /** @throws VersionConflict, or what `decide` throws. */
  execute<State, Command, Event extends AnyEvent>(
    aggregate: Aggregate<State, Command, Event>,
    id: string,
    command: Command,
    options: ExecuteOptions = {},
  ): Promise<Executed<State>> {
    const attributes = { 'aggregate.name': aggregate.name, 'aggregate.id': id };
    return withSpan(`execute ${aggregate.name}`, { attributes }, async (span) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const executed = await this.#tryOnce(aggregate, id, command, options);
          span.setAttribute('aggregate.version', executed.version);
          return executed;
        } catch (error) {
          const isFinal = options.expectedVersion !== undefined || attempt === attempts;
          if (!(error instanceof VersionConflict) || isFinal) throw error;
          await wait(Math.random() * 10 * 2 ** attempt);
        }
      }
    });
  }

  /** The state of one aggregate; version 0 where nothing has happened to it. */
  async find<State, Command, Event extends AnyEvent>(
    aggregate: Aggregate<State, Command, Event>,
    id: string,
  ): Promise<Executed<State>> {
    const { start, events } = await loadHistory(this.#database, aggregate, id);
    return replay(aggregate, events, start);
  }

  #tryOnce<State, Command, Event extends AnyEvent>(
    aggregate: Aggregate<State, Command, Event>,
    id: string,
    command: Command,
    { expectedVersion, commandId }: ExecuteOptions,
  ): Promise<Executed<State>> {
    return this.#database.transaction(async (transaction) => {
      await keepFromForgetting(transaction, aggregate);
      const { start, events: history } = await loadHistory(transaction, aggregate, id);
      const before = replay(aggregate, history, start);
      // What a snapshot stands for was not read.
      const done =
        history.findLast((event) => commandId !== undefined && event.commandId === commandId)?.version ??
        (commandId !== undefined && start.version > 0 && (await versionAfter(transaction, aggregate, id, commandId)));
      if (done) return replay(aggregate, (await load<Event>(transaction, aggregate, id)).slice(0, done));
      if (expectedVersion !== undefined && expectedVersion !== before.version) {
        throw new VersionConflict(aggregate.name, id, expectedVersion);
      }
      const events = aggregate.decide(before.state, command);
      if (events.length === 0) return before;
      const stored = await append<Event>(transaction, {
        aggregate,
        id,
        expectedVersion: before.version,
        events,
        commandId,
      });
      await applyInline(transaction, this.#inline, stored as Stored<AnyEvent>[]);
      const after = replay(aggregate, stored, before);
      await takeSnapshot(transaction, aggregate, id, start, after);
      return after;
    });
  }
}

function replay<State, Event extends AnyEvent>(
  { initial, evolve }: { initial: State; evolve(state: State, event: Event): State },
  events: readonly Stored<Event>[],
  from: Executed<State> = { state: initial, version: 0 },
): Executed<State> {
  return events.reduce(({ state }, event) => ({ state: evolve(state, event), version: event.version }), from);
}
