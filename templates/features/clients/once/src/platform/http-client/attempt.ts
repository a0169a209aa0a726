import { type Dispatcher, request } from 'undici';
import { patienceHeader } from '../context.ts';
import { parseRetryAfter } from './retry.ts';
import { ServiceError } from './service-error.ts';
import { TimeLimit } from './time-limit.ts';

/** The way of one call through its attempts, kept by a dispatcher that may choose among instances. */
export interface Route {
  /** Origins that were tried: another one goes first. */
  tried: Set<string>;
  /** The last one failed so often that it is left out now: the fault is its own, and the service is there. */
  isLastLeftOut: boolean;
}

export interface Attempt {
  service: string;
  dispatcher: Dispatcher;
  method: Dispatcher.HttpMethod;
  url: URL;
  headers: Record<string, string>;
  /** Sent as JSON where there is one. */
  body: unknown;
  /** How long this attempt may take. */
  timeoutMs: number;
  /** Deadline of the whole call, or the caller giving up. */
  signal: AbortSignal;
  route: Route;
  /** The caller's own signal. */
  caller: AbortSignal | undefined;
}

/** One request and its answer: the parsed JSON, or the text where it is none. @throws ServiceError for everything else. */
export async function attempt({
  service,
  timeoutMs,
  signal,
  caller,
  url,
  body,
  headers,
  ...options
}: Attempt): Promise<unknown> {
  let status = 0;
  let retryAfter: unknown;
  let text = '';
  // undici checks its own timeouts about once a second only.
  const limit = new TimeLimit(timeoutMs, signal);
  try {
    const answer = await request(url, {
      ...options,
      headers: { [patienceHeader]: String(Math.ceil(timeoutMs)), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: limit.signal,
    });
    status = answer.statusCode;
    retryAfter = answer.headers['retry-after'];
    text = await answer.body.text();
  } catch (error) {
    if (!isTooLarge(error)) throw connectionError(service, error, caller, options.route);
    // Of an error status the body is only a detail.
    if (isSuccess(status)) throw new ServiceError(service, 'response', 'its answer is too large', { cause: error });
  } finally {
    limit.done();
  }

  const content = parseJson(text);
  if (isSuccess(status)) return content;
  const retryAfterMs = parseRetryAfter(retryAfter);
  throw new ServiceError(service, 'status', `answered ${status}`, {
    status,
    isOfOneInstance: options.route.isLastLeftOut,
    ...(isObject(content) ? { problem: content } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Tells the ways apart in which a request ends without an answer. */
export function connectionError(
  service: string,
  error: unknown,
  caller: AbortSignal | undefined,
  route?: Pick<Route, 'isLastLeftOut'>,
): ServiceError {
  if (error instanceof ServiceError) return error;
  if (caller?.aborted) return new ServiceError(service, 'aborted', 'the caller gave up', { cause: error });
  const { name, message } = error as Error;
  const details = { cause: error, isOfOneInstance: route?.isLastLeftOut };
  return name === 'TimeoutError'
    ? new ServiceError(service, 'timeout', 'no answer in time', details)
    : new ServiceError(service, 'network', message, details);
}

/** A redirect is none: it is not followed, since the key and the token are for this service, so nothing was done. */
const isSuccess = (status: number): boolean => status < 300;

const isTooLarge = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
