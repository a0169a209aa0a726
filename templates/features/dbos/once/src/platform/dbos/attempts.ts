import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import type { FastifyInstance } from 'fastify';
import type { Attempted, Attempts } from '../sagas/attempt.ts';
import type { SagaMetrics } from '../sagas/metrics.ts';
import { describeFailure, messageOf } from '../sagas/outcome.ts';
import type { Call, Saga, Step } from '../sagas/saga.ts';
import { withSpan } from '../tracing/span.ts';
import { within } from '../within.ts';
import type { Lease } from './lease.ts';
import { sagaIdOf } from './workflows.ts';

/** What every saga of this process shares. */
export interface Runtime {
  app: FastifyInstance;
  lease: Lease;
  metrics: SagaMetrics;
  retryDelayMs: number;
  compensationAttempts: number;
}

/** Name under which a compensation is recorded. */
export const undoName = (step: string): string => `undo ${step}`;

interface Work {
  /** Name under which it is recorded. */
  name: string;
  step: Step;
  attempts: number;
  timeoutMs: number;
  run(signal: AbortSignal): Promise<unknown>;
  mayRetry(error: unknown): boolean;
}

/** Attempts as DBOS steps: DBOS records their outcome, retries them, and gives the record back after a crash. */
export class DbosAttempts implements Attempts {
  readonly #runtime: Runtime;
  readonly #saga: Saga;
  readonly #call: Omit<Call<unknown>, 'results' | 'key' | 'signal'>;
  readonly #deadline: number;
  #lapses: number;

  /** @param deadline milliseconds since 1970 after which no action begins any more */
  constructor(runtime: Runtime, saga: Saga, sagaId: string, input: unknown, deadline: number) {
    this.#runtime = runtime;
    this.#saga = saga;
    this.#call = { app: runtime.app, id: sagaIdOf({ workflowName: saga.name, workflowID: sagaId }), sagaId, input };
    this.#deadline = deadline;
    this.#lapses = runtime.lease.lapses;
  }

  act(step: Step, results: Readonly<Record<string, unknown>>): Promise<Attempted> {
    return this.#record({
      name: step.name,
      step,
      attempts: step.attempts,
      timeoutMs: step.timeoutMs,
      run: (signal) => {
        if (this.#isLate()) throw new Error(`The saga did not get here within ${this.#saga.timeoutMs} ms`);
        return step.action({ ...this.#call, results, key: this.#key(step.name), signal } as never);
      },
      mayRetry: (error) => !this.#isLate() && step.retryIf(error),
    });
  }

  undo(step: Step, results: Readonly<Record<string, unknown>>): Promise<Attempted> {
    const undo = {
      ...this.#call,
      results,
      result: results[step.name],
      key: this.#key(undoName(step.name)),
      actionKey: this.#key(step.name),
    };
    return this.#record({
      name: undoName(step.name),
      step,
      attempts: this.#runtime.compensationAttempts,
      timeoutMs: step.timeoutMs,
      run: async (signal) => step.compensation?.({ ...undo, signal } as never),
      mayRetry: () => true,
    });
  }

  #record(work: Work): Promise<Attempted> {
    const { name, attempts } = work;
    const retry = {
      retriesAllowed: true,
      maxAttempts: attempts,
      intervalSeconds: this.#runtime.retryDelayMs / 1000,
      backoffRate: 2,
    };
    return DBOS.runStep(() => this.#attempt(work), { name, ...retry });
  }

  /** One attempt. Throws only where DBOS is to try again; a failure that stands is a value. */
  async #attempt({ name, step, attempts, timeoutMs, run, mayRetry }: Work): Promise<Attempted> {
    await this.#stillOurs();
    const { metrics, app } = this.#runtime;
    const attempt = DBOS.stepStatus?.currentAttempt ?? 1;
    const facts = { saga: this.#saga.name, saga_id: this.#call.sagaId, step: name, attempt };
    const attributes = {
      'saga.name': facts.saga,
      'saga.id': facts.saga_id,
      'saga.step': name,
      'saga.attempt': attempt,
    };
    try {
      const value = await withSpan(`${this.#saga.name} ${name}`, { attributes }, () => within(timeoutMs, run));
      metrics.attempted(facts, 'ok');
      return { ok: true, value };
    } catch (error) {
      if (attempt < attempts && mayRetry(error)) {
        metrics.attempted(facts, 'retried');
        app.log.warn({ ...facts, why: messageOf(error) }, 'saga step will be tried again');
        throw error;
      }
      metrics.attempted(facts, 'failed');
      app.log.warn({ ...facts, err: error }, 'saga step failed');
      return { ok: false, failure: describeFailure(step.name, error, attempt) };
    }
  }

  /**
   * A process that was frozen, or cut off from the database, for longer than its lease may find its sagas taken over. It
   * must not call anybody before it knows. Where the saga has a new owner, the error tells DBOS to drop this run.
   */
  async #stillOurs(): Promise<void> {
    const { lease } = this.#runtime;
    const { sagaId } = this.#call;
    if (lease.isHeld && lease.lapses === this.#lapses) return;
    if (!(await lease.regain())) throw new DBOSWorkflowConflictError(sagaId);
    const { lapses } = lease;
    const status = await DBOS.getWorkflowStatus(sagaId);
    if (status?.status !== 'PENDING' || status.executorId !== lease.executor)
      throw new DBOSWorkflowConflictError(sagaId);
    this.#lapses = lapses;
  }

  #isLate(): boolean {
    return Date.now() >= this.#deadline;
  }

  /** Also names the saga, since two kinds of saga may share an id, and calls of both may go to one service. */
  #key(step: string): string {
    return `${this.#call.sagaId}:${step.replaceAll(' ', '-')}`;
  }
}
