/** Why a call gave no answer. */
export type FailureReason =
  /** An id in the path, or metadata, is none, so nothing was asked. */
  | 'path'
  /** The service answered with an error. */
  | 'status'
  /** It answered something other than agreed. */
  | 'response'
  /** It took too long. */
  | 'timeout'
  /** It could not be reached, or broke off. */
  | 'network'
  /** The circuit breaker did not let the call through. */
  | 'open'
  /** Too many calls are under way. */
  | 'saturated'
  /** The caller gave up. */
  | 'aborted'
  /** Nobody can tell where the service is, so nothing was sent. */
  | 'unknown'
  /** It has no instance, so nothing was sent. */
  | 'empty';

/** What our own caller is told where nobody handles the error (RFC 9110): we are the gateway to the service behind us. */
const statusFor: Record<FailureReason, number> = {
  path: 400,
  status: 502,
  response: 502,
  network: 502,
  timeout: 504,
  open: 503,
  saturated: 503,
  aborted: 499,
  unknown: 503,
  empty: 503,
};

/** A call to another service that failed. `cause` is the error below it. */
export class ServiceError extends Error {
  readonly service: string;
  readonly reason: FailureReason;
  /** Status of the answer, where there was one. */
  readonly status: number | undefined;
  /** The problem document (RFC 9457) or other JSON that came with an error status. */
  readonly problem: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds to wait: as the service asked (Retry-After), or until an open circuit lets a call through. */
  readonly retryAfterMs: number | undefined;
  /** True where one of several instances failed and is left out now: the others are there. */
  readonly isOfOneInstance: boolean;
  /** Status of our own answer where a route lets this error through. */
  readonly statusCode: number;

  constructor(
    service: string,
    reason: FailureReason,
    message: string,
    details: {
      status?: number;
      problem?: Readonly<Record<string, unknown>>;
      retryAfterMs?: number;
      isOfOneInstance?: boolean | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(`${service}: ${message}`, { cause: details.cause });
    this.name = 'ServiceError';
    this.service = service;
    this.reason = reason;
    this.status = details.status;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
    this.isOfOneInstance = details.isOfOneInstance ?? false;
    this.statusCode = statusFor[reason];
  }

  /** True where the service itself is in trouble. A 4xx is an answer: the service works, the call was wrong. */
  get isOutage(): boolean {
    if (this.reason === 'status') return (this.status ?? 0) >= 500;
    return this.reason === 'timeout' || this.reason === 'network';
  }

  /** True where nobody was there to be asked: that proves nothing about the service, and may change at any moment. */
  get wasSentToNobody(): boolean {
    return this.reason === 'unknown' || this.reason === 'empty';
  }
}
