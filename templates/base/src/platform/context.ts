import { randomUUID } from 'node:crypto';
import { type Context, context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

/**
 * What follows a request through everything it starts: the span and the correlation id. Both live in one OpenTelemetry
 * context, so one AsyncLocalStorage carries them, also where tracing is off.
 */
export const correlationHeader = 'x-correlation-id';

const correlationKey = createContextKey('correlation id');

// Long enough for every id in use, and harmless in a header, a log line and a URL.
const acceptable = /^[\w.:/+=@-]{1,128}$/;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** The caller's correlation id where it is acceptable, else a new one. */
export const acceptCorrelationId = (given: unknown): string =>
  typeof given === 'string' && acceptable.test(given) ? given : randomUUID();

export const withCorrelationId = (parent: Context, id: string): Context => parent.setValue(correlationKey, id);

/** Correlation id of the work at hand; undefined outside any. */
export const correlationId = (from: Context = context.active()): string | undefined =>
  from.getValue(correlationKey) as string | undefined;

/** Runs work that no request started (a job, a message) under a correlation id of its own. */
export const runWithCorrelationId = <T>(id: string, work: () => T): T =>
  context.with(withCorrelationId(context.active(), id), work);
