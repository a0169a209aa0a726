import type { ServiceError } from './service-error.ts';

const baseMs = 50;
const capMs = 2_000;

/** Full jitter: anything up to the doubled delay, so that callers who failed together do not return together. */
export const backoffMs = (attempt: number, random = Math.random): number =>
  random() * Math.min(capMs, baseMs * 2 ** attempt);

/** Milliseconds of a Retry-After header, in seconds or as a date (RFC 9110, 10.2.3). */
export function parseRetryAfter(value: unknown, now = Date.now()): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A repeated request must not repeat its effect: the method says so (RFC 9110, 9.2.2), or the key does. */
export const isRepeatable = (method: string, idempotencyKey: string | undefined): boolean =>
  idempotencyKey !== undefined || ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].includes(method);

/** Worth another attempt: it may have been a passing trouble, or the service said when to come back. */
export const isPassing = (error: ServiceError): boolean =>
  error.isOutage ? error.status !== 501 : error.status === 429 || error.status === 408 || error.wasSentToNobody;

/**
 * Retries may be a tenth of the calls, and ten more: enough for a passing fault, not enough to triple the load of a
 * service that is down.
 */
export class RetryBudget {
  #tokens = 10;

  call(): void {
    this.#tokens = Math.min(10, this.#tokens + 0.1);
  }

  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
