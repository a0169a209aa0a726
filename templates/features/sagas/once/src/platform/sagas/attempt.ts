import type { Failure } from './outcome.ts';
import type { Step } from './saga.ts';

/** What became of an action or a compensation, as it is recorded. */
export type Attempted<T = unknown> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Runs what a step asks for until it worked or cannot work, and records that for good. */
export interface Attempts {
  act(step: Step, results: Readonly<Record<string, unknown>>): Promise<Attempted>;
  undo(step: Step, results: Readonly<Record<string, unknown>>): Promise<Attempted>;
}
