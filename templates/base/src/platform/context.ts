import { randomUUID } from 'node:crypto';
import { type Context, context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

export const correlationHeader = 'x-correlation-id';

/** How many milliseconds whoever asks is going to wait for the answer. */
export const patienceHeader = 'x-request-timeout-ms';

/**
 * What follows a request through everything it starts, beside its span. All of it lives in one OpenTelemetry context, so
 * one AsyncLocalStorage carries it, also where tracing is off.
 */
export interface Work {
  readonly correlationId: string;
  /** Absent where nobody waits: for a job, for a message. */
  readonly waiting?: Waiting;
}

/** Somebody who waits for an answer. */
export interface Waiting {
  /** Aborts when they hang up before it came. */
  readonly signal: AbortSignal;
  /** Until when they wait, on the clock of `performance.now()`; Infinity where they did not say. */
  readonly deadline: number;
}

const workKey = createContextKey('work');

// Long enough for every id in use, and harmless in a header, a log line and a URL.
const acceptable = /^[\w.:/+=@-]{1,128}$/;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** The caller's correlation id where it is acceptable, else a new one. */
export const acceptCorrelationId = (given: unknown): string =>
  typeof given === 'string' && acceptable.test(given) ? given : randomUUID();

export const withWork = (parent: Context, work: Work): Context => parent.setValue(workKey, work);

export const withCorrelationId = (parent: Context, id: string): Context => withWork(parent, { correlationId: id });

const workOf = (from: Context): Work | undefined => from.getValue(workKey) as Work | undefined;

/** Correlation id of the work at hand; undefined outside any. */
export const correlationId = (from: Context = context.active()): string | undefined => workOf(from)?.correlationId;

/** Who waits for what is done at the moment. */
export const whoWaits = (from: Context = context.active()): Waiting | undefined => workOf(from)?.waiting;

/** Runs work that no request started (a job, a message) under a correlation id of its own. */
export const runWithCorrelationId = <T>(id: string, work: () => T): T =>
  context.with(withCorrelationId(context.active(), id), work);
