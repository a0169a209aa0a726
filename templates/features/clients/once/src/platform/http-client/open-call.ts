import { whoWaits } from '../context.ts';
import type { CallOptions, ClientObserver } from './http-client.ts';
import { ServiceError } from './service-error.ts';
import { TimeLimit } from './time-limit.ts';

/** A call from its begin to its end, with all its attempts. */
export interface OpenCall {
  limit: TimeLimit;
  /** The signal of whoever may give up. */
  caller: AbortSignal | undefined;
  /** Only the first end counts. */
  end(error?: unknown): void;
}

/** Begins a call that takes `mostMs` milliseconds at most, and ends with whoever waits for it. */
export function openCall(observer: ClientObserver, mostMs: number, signal: CallOptions['signal']): OpenCall {
  const waiting = signal === undefined ? whoWaits() : undefined;
  const caller = signal ?? waiting?.signal;
  const started = performance.now();
  const limit = new TimeLimit(Math.min(mostMs, (waiting?.deadline ?? Infinity) - started), caller);
  let isOver = false;
  return {
    limit,
    caller,
    end(error) {
      if (isOver) return;
      isOver = true;
      limit.done();
      const outcome = error === undefined ? 'ok' : error instanceof ServiceError ? error.reason : 'error';
      observer.finished(outcome, (performance.now() - started) / 1_000);
    },
  };
}
