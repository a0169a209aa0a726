import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';

/** What an action is given. */
export interface Call<Input, Results = unknown> {
  /** The service: `app.clients`, `app.database`, `app.log`. */
  app: FastifyInstance;
  /** As the saga was started: the id in its URL, such as the order's number. */
  id: string;
  /** With the name of the saga, as logs, metrics and `npm run sagas` have it: `<saga>:<id>`. */
  sagaId: string;
  input: Input;
  /** What the steps before this one returned, by their names. */
  results: Results;
  /**
   * Send it as `Idempotency-Key`. It is the same on every attempt, also after a crash, so that a call that is made twice
   * has its effect once.
   */
  key: string;
  /** Aborted when the attempt, or the whole saga, has run out of time. */
  signal: AbortSignal;
}

/** What a compensation is given. */
export interface Undo<Input, Results = unknown, Result = unknown> extends Call<Input, Results> {
  /** What the action returned; absent where nobody knows, because it failed or timed out on its way. */
  result: Result | undefined;
  /** The key that the action was sent with: it names what is to be undone, also where there is no result. */
  actionKey: string;
}

export interface StepOptions {
  /** Milliseconds that one attempt may take. Default 10 000. */
  timeoutMs?: number;
  /** Attempts at the action before the saga is compensated. Default 8: a minute, in which a service may restart. */
  attempts?: number;
  /** Whether an error may go away by itself. Default: everything but a refusal (see `isRefusal`). */
  retryIf?: (error: unknown) => boolean;
}

export interface Step extends Required<StepOptions> {
  name: string;
  action(call: Call<never, never>): Promise<unknown>;
  compensation: ((undo: Undo<never, never, never>) => Promise<unknown>) | undefined;
}

/** A saga as the engine sees it. Nothing here knows which engine that is. */
export interface Saga<Input = never, Result = unknown> {
  name: string;
  /** Milliseconds for all steps together; then the saga is compensated. */
  timeoutMs: number;
  steps: readonly Step[];
  result(results: Readonly<Record<string, unknown>>): Result;
  /** Type only: what the saga is started with. */
  readonly input?: (input: Input) => void;
}

export const isSaga = (value: unknown): value is Saga => Array.isArray((value as Saga | null | undefined)?.steps);

/** Thrown by an action where another attempt cannot help: sold out, card declined. */
export class Refused extends Error {
  override name = 'Refused';
}

/** The other side, or our own domain, understood and said no: a 4xx, except those that ask to come again later. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof Refused || (error instanceof Problem && error.statusCode < 500)) return true;
  const status = (error as { status?: unknown } | null)?.status;
  // 408 Request Timeout, 409 Conflict (the same key is still at work), 425 Too Early, 429 Too Many Requests
  return typeof status === 'number' && status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);
}

interface SagaBuilder<Input, Results extends Record<string, unknown>> {
  /**
   * Adds a step. Its compensation is registered before the action runs and may find that nothing happened: it undoes
   * what `actionKey` names, and makes sure that it cannot happen later either.
   */
  step<Name extends string, Result>(
    name: Name,
    action: (call: Call<Input, Results>) => Promise<Result>,
    compensation: ((undo: Undo<Input, Results, Result>) => Promise<unknown>) | undefined,
    options?: StepOptions,
  ): SagaBuilder<Input, Results & Record<Name, Result>>;
  /** Ends the table: what the saga as a whole returns, made from what its steps returned. */
  returns<Result>(result: (results: Results) => Result): Saga<Input, Result>;
}

/** Starts the table of a saga. `timeoutMs` is for all steps together, five minutes where nothing is said. */
export function saga<Input>(name: string, { timeoutMs = 300_000 } = {}): SagaBuilder<Input, Record<never, never>> {
  const steps: Step[] = [];
  const builder = {
    step(stepName: string, action: Step['action'], compensation: Step['compensation'], options?: StepOptions) {
      if (steps.some((step) => step.name === stepName)) throw new Error(`Saga ${name} has two steps "${stepName}"`);
      steps.push({ ...defaults, ...options, name: stepName, action, compensation });
      return builder;
    },
    returns: (result: Saga['result']) => ({ name, timeoutMs, steps, result }),
  };
  return builder as unknown as SagaBuilder<Input, Record<never, never>>;
}

const defaults = { timeoutMs: 10_000, attempts: 8, retryIf: (error: unknown) => !isRefusal(error) };
