import type { Failure } from './outcome.ts';
import type { Step } from './saga.ts';

/** What became of an action or a compensation, as it is recorded. */
export type Attempted<T = unknown> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Runs what a step asks for until it worked or cannot work, and records that for good. */
export interface Attempts {
  act(step: Step, results: Readonly<Record<string, unknown>>): Promise<Attempted>;
  undo(step: Step, results: Readonly<Record<string, unknown>>): Promise<Attempted>;
}

/** Runs `work` for at most `ms` milliseconds; work that does not listen to its signal is left behind. */
export async function within<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  late = () => new Error(`No answer within ${ms} ms`),
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = late();
      controller.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
