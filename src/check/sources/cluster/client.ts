import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../../errors.ts';
import { withoutSecrets } from '../../../harmless.ts';
import type { Connection } from './kubeconfig.ts';
import { listReader, type PageTaker } from './list-reader.ts';
import { type Answer, exchange, TimedOut } from './request.ts';

/** What the server refused, or why there was no answer worth reading. */
export class ReadError extends Error {
  /** HTTP status; 0 where there was no complete answer. */
  readonly status: number;
  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** How much is asked at once, and how long an answer may take. */
export interface ClientLimits {
  /** Requests in flight. */
  concurrency: number;
  /** Milliseconds that a server may be silent. */
  idle: number;
  /** Ends every read: Ctrl-C, or the deadline of the run. */
  signal: AbortSignal;
}

/** The API server as it can be asked: reads, and questions about rights. */
export interface Client {
  /** A parsed JSON document; statuses from 400 on and answers that are not JSON throw ReadError. */
  get(path: string, accept?: string): Promise<unknown>;
  /** A list without its items; those are given to what `taker` returns, which is called anew for every attempt. */
  list(path: string, accept: string | undefined, taker: () => PageTaker): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  close(): void;
}

const attempts = 4;
/** A server that asks for more patience than this is not waited for. */
const longestWait = 10_000;

/** Reads with bounded concurrency; refused for load or broken off, a read is tried again. */
export function createClient(connection: Connection, limits: ClientLimits): Client {
  const slots = turnstile(limits.concurrency);
  // Every request in flight listens to it: that is no leak, and Node's warning of one would land in the report.
  setMaxListeners(0, limits.signal);
  const json = 'application/json';

  const read = async (once: () => Promise<{ document: unknown } | ReadError>): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      const outcome = await slots(() => once().catch(notRead));
      if (!(outcome instanceof ReadError)) return outcome.document;
      const wait = attempt < attempts ? waitBefore(attempt, outcome) : undefined;
      if (wait === undefined || limits.signal.aborted) throw outcome;
      // Aborted while waiting: the next attempt ends at once and says so.
      await pause(wait, undefined, { signal: limits.signal }).catch(() => {});
    }
  };
  const whole = async (path: string, accept: string, send?: { method: 'POST'; body: string }) => {
    const answer = await exchange(connection, { path, accept, ...(send && { send }) }, limits);
    return answer.status < 400 ? { document: JSON.parse(answer.body) as unknown } : refusal(answer);
  };
  const inPieces = async (path: string, accept: string, taker: () => PageTaker) => {
    const list = listReader(taker());
    const answer = await exchange(connection, { path, accept, onChunk: list.push }, limits);
    return answer.status < 400 ? { document: list.end() } : refusal(answer);
  };

  return {
    get: (path, accept = json) => read(() => whole(path, accept)),
    list: (path, accept = json, taker) => read(() => inPieces(path, accept, taker)),
    post: (path, body) => read(() => whole(path, json, { method: 'POST', body: JSON.stringify(body) })),
    close: () => connection.agent.destroy(),
  };
}

function notRead(error: unknown): ReadError {
  // Of the credentials: trying again would fail in the same way.
  if (error instanceof UserError) throw error;
  // A parser's message quotes what it could not read: that may be a setting of anybody.
  if (error instanceof SyntaxError) return new ReadError(0, 'the answer is no whole JSON document', error);
  return new ReadError(0, withoutSecrets(error instanceof Error ? error.message : String(error)), error);
}

interface Refusal extends ReadError {
  retryAfter?: number;
}

function refusal(answer: Answer): Refusal {
  const seconds = Number(answer.headers['retry-after']);
  const error: Refusal = new ReadError(answer.status, `${answer.status} ${messageOf(answer.body)}`);
  return Number.isFinite(seconds) && answer.headers['retry-after']
    ? Object.assign(error, { retryAfter: seconds * 1000 })
    : error;
}

/** The message of a Kubernetes Status, else the beginning of whatever a proxy wrote. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return withoutSecrets(message.slice(0, 300));
  } catch {
    // Not ours to understand.
  }
  return withoutSecrets(body.slice(0, 100).replace(/\s+/g, ' '));
}

/** Milliseconds, or undefined where trying again changes nothing. */
function waitBefore(attempt: number, error: Refusal): number | undefined {
  // A server that hung once hangs again: four times its silence would be felt as a hang of ours.
  if (error.cause instanceof TimedOut) return undefined;
  const passing = error.status === 0 || error.status === 429 || error.status >= 500;
  if (!passing) return undefined;
  const wait = error.retryAfter ?? 100 * 4 ** (attempt - 1) * (0.5 + Math.random());
  return wait <= longestWait ? wait : undefined;
}

/** Lets `width` pieces of work through at a time, in order. */
function turnstile(width: number) {
  let free = width;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
