import type { Saga } from './saga.ts';
import type { SagaStatus } from './status.ts';

/**
 * What runs sagas (by `runSaga`) and keeps them, so that a process that dies loses none. Which one it is, only
 * `open-engine.ts` and its own folder in src/platform/ know.
 */
export interface SagaEngine {
  /** @returns false where another app of this process runs the sagas already, as in a test that makes two. */
  launch(): Promise<boolean>;
  /**
   * Starts a saga, or finds the one that was started with the same id before.
   * @param caller to whom the saga belongs; without one it was started by this service itself
   * @returns whether it is a new one
   * @throws Problem 422 where the other one was started with another input, or by another caller; 503 where the database
   *   does not answer
   */
  start<Input>(saga: Saga<Input>, id: string, input: Input, caller?: string): Promise<boolean>;
  /**
   * @returns undefined where there is no such saga, or where it belongs to another caller
   * @throws Problem 503 where the database does not answer
   */
  status(saga: Saga, id: string, caller?: string): Promise<SagaStatus | undefined>;
  /** As of the last look: it asks nobody. */
  attention(): Attention;
  /** Leaves what is under way to other processes. */
  close(): Promise<void>;
}

/** What needs somebody's attention. */
export interface Attention {
  stuck: readonly WaitingSaga[];
  /** Of a version that no live process has. */
  stranded: readonly WaitingSaga[];
}

export interface WaitingSaga {
  saga: string;
  id: string;
  /** ISO 8601. */
  since: string;
  reason?: string;
}
