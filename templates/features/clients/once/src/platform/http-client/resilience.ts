import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  retry,
} from 'cockatiel';
import { backoffMs, isPassing, RetryBudget } from './retry.ts';
import { ServiceError } from './service-error.ts';
import type { ClientSettings } from './settings.ts';
import type { TimeLimit } from './time-limit.ts';

export type Circuit = 'closed' | 'half-open' | 'open';

const circuits: Record<CircuitState, Circuit> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

interface Call<T> {
  isRepeatable: boolean;
  /** Attempts after the first, where they are not those of the settings. */
  retries?: number;
  /** Deadline of the call, or the caller giving up. */
  limit: Pick<TimeLimit, 'left' | 'signal'>;
  /** Throws a ServiceError. */
  attempt: () => Promise<T>;
}

interface Observer {
  circuitChanged(circuit: Circuit): void;
  retrying(): void;
}

/** What of a client's settings it takes, for other kinds of clients too. */
type Patience = Pick<ClientSettings, 'breakerFailures' | 'breakerOpenMs' | 'maxConcurrent' | 'maxQueued' | 'retries'>;

/** What stands between this service and another one: bulkhead → retry → circuit breaker → one attempt. */
export function resilience(service: string, settings: Patience, observer: Observer) {
  const breaker = circuitBreaker(handleWhen(tripsBreaker), {
    breaker: new ConsecutiveBreaker(settings.breakerFailures),
    halfOpenAfter: settings.breakerOpenMs,
  });
  breaker.onStateChange((state) => observer.circuitChanged(circuits[state]));
  let openedAt = 0;
  breaker.onBreak(() => {
    openedAt = Date.now();
  });
  const compartment = bulkhead(settings.maxConcurrent, settings.maxQueued);
  const budget = new RetryBudget();

  // Of a probe everything counts that is no answer: where its caller gave up, or nobody was there to be asked, it has
  // proven nothing, and cockatiel would take an error that does not count for a success.
  function tripsBreaker(error: unknown): boolean {
    if (!(error instanceof ServiceError)) return false;
    if (breaker.state === CircuitState.HalfOpen)
      return error.isOutage || error.reason === 'aborted' || error.wasSentToNobody;
    return error.isOutage && !error.isOfOneInstance;
  }

  function withRetries<T>({ isRepeatable, retries = settings.retries, limit, attempt }: Call<T>): Promise<T> {
    let left = isRepeatable ? retries : 0;
    let waitMs = 0;
    const mayRetry = (error: Error): boolean => {
      if (left === 0 || !(error instanceof ServiceError) || !isPassing(error)) return false;
      waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(retries - left));
      if (waitMs >= limit.left) return false;
      // What one instance of several failed goes to the others, who get no more than if it had not been there.
      if (!error.isOfOneInstance && !budget.take()) return false;
      left -= 1;
      observer.retrying();
      return true;
    };
    const policy = retry(handleWhen(mayRetry), {
      maxAttempts: retries,
      backoff: new DelegateBackoff(() => waitMs),
    });
    return policy.execute(async () => {
      const result = await breaker.execute(() => settleAnswer(attempt));
      if (result.error) throw result.error;
      return result.value as T;
    }, limit.signal);
  }

  return {
    get circuit(): Circuit {
      return circuits[breaker.state];
    },

    /** Runs a call, and throws a ServiceError for everything that kept it from its answer. */
    async run<T>(call: Call<T>): Promise<T> {
      budget.call();
      try {
        return await compartment.execute(() => withRetries(call), call.limit.signal);
      } catch (error) {
        throw asServiceError(service, error, Math.max(0, openedAt + settings.breakerOpenMs - Date.now()));
      }
    },
  };
}

/**
 * A 4xx is an answer, so it has to end a row of failures: cockatiel does that only for calls that return, and ignores
 * errors that do not count.
 */
async function settleAnswer<T>(attempt: () => Promise<T>): Promise<{ value?: T; error?: ServiceError }> {
  try {
    return { value: await attempt() };
  } catch (error) {
    if (
      error instanceof ServiceError &&
      (error.reason === 'status' || error.reason === 'response') &&
      !error.isOutage
    ) {
      return { error };
    }
    throw error;
  }
}

/** @param retryAfterMs milliseconds until an open circuit lets a probe through. */
function asServiceError(service: string, error: unknown, retryAfterMs: number): unknown {
  if (error instanceof BrokenCircuitError) {
    return new ServiceError(service, 'open', 'its circuit breaker is open', { retryAfterMs, cause: error });
  }
  if (error instanceof BulkheadRejectedError) {
    return new ServiceError(service, 'saturated', 'too many calls are under way', { cause: error });
  }
  return error;
}
