import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import type { Route as Way } from '../http-client/attempt.ts';
import { isRepeatable, parseRetryAfter } from '../http-client/retry.ts';
import { ServiceError } from '../http-client/service-error.ts';
import { Problem } from '../problem.ts';
import { answerHeaders, latin1, type OwnCookies } from './headers.ts';
import { BodyTooLarge, hasBody, RequestBody } from './request-body.ts';
import type { Route } from './route.ts';
import type { Upstream } from './upstream.ts';

/** The upstream, or what is in front of it, says that it is in trouble. A 500 may be what one request has brought about. */
const isTrouble = (status: number): boolean => status >= 502 && status <= 504;

export interface ExchangeOptions {
  raw: IncomingMessage;
  reply: FastifyReply;
  route: Route;
  upstream: Upstream;
  /** Path and query for the upstream. */
  path: string;
  headers: string[];
  /** The answer's CORS headers are ours. */
  ownCors: boolean;
  isOwnCookie: OwnCookies;
  /** Set where the client asks for a WebSocket: what becomes of it once the upstream has agreed. */
  onUpgrade?: ((headers: string[], upstream: Duplex) => void) | undefined;
  /** Whether the client is to leave its connection after this answer. */
  isLeaving(): boolean;
}

interface Answer {
  controller: Dispatcher.DispatchController;
  status: number;
  headers: IncomingHttpHeaders;
  message: string | undefined;
}

/**
 * One request on its way to an upstream, and the answer on its way back. Each may be endless: of both only the time is
 * limited in which nothing moves, and that from the end of the request to the beginning of the answer.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #response: ServerResponse;
  readonly #body: RequestBody | undefined;
  readonly #gaveUp = new AbortController();
  #controller: Dispatcher.DispatchController | undefined;
  /** An answer that tells of trouble: passed on where no further attempt makes it better. */
  #held: Answer | undefined;
  #hasBegun = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #until = Infinity;
  #movedAt = performance.now();
  #isEventStream = false;
  /** Where the upstream has several instances: those that were tried. */
  readonly #way: Way = { tried: new Set(), isLastLeftOut: false };

  constructor(options: ExchangeOptions) {
    const { raw, route, reply } = options;
    this.#options = options;
    this.#response = reply.raw;
    this.#response.once('close', this.#closed);
    if (!options.onUpgrade && hasBody(raw)) this.#body = new RequestBody(raw, route.bodyBytes, this.#expectAnswer);
    else this.#expectAnswer();
  }

  /** For the resilience around each attempt. */
  get signal(): AbortSignal {
    return this.#gaveUp.signal;
  }

  get left(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /** Ends where the answer has begun. @throws ServiceError or Problem where there is none. */
  async begin(): Promise<void> {
    const { upstream, route, raw, onUpgrade } = this.#options;
    const mayRepeat = !this.#body && !onUpgrade && isRepeatable(raw.method ?? '', undefined);
    try {
      if (this.#body) await this.#isWorthAPlace(this.#body);
      const attempt = () => this.#attempt();
      await this.#unlessGivenUp(
        upstream.run({ isRepeatable: mayRepeat, retries: route.retries, limit: this, attempt }),
      );
    } catch (error) {
      if (this.#held && !this.signal.aborted) return this.#passOn(this.#held);
      this.#over();
      this.#controller?.abort(error as Error);
      throw error instanceof ServiceError && error.cause instanceof Problem ? error.cause : error;
    }
  }

  /** Slow clients could otherwise take all places of the bulkhead, and nobody else would be served. */
  async #isWorthAPlace(body: RequestBody): Promise<void> {
    await this.#unlessGivenUp(body.ready);
    if (body.errored) throw this.#failure(body.errored);
    body.hasPlace = true;
  }

  /** Ends what goes on for ever: the client may come back to another replica. */
  endStream(): void {
    if (!this.#isEventStream || this.#isOver) return;
    this.#over();
    this.#controller?.abort(new Error('the gateway is leaving'));
    this.#response.end();
  }

  /** Called now and then: gives up where a body, or an answer, has not moved for too long. */
  checkIdle(now: number): void {
    const { route } = this.#options;
    if (this.#isOver) return;
    const movedAt = this.#hasBegun ? Math.max(this.#movedAt, this.#body?.movedAt ?? 0) : this.#body?.movedAt;
    if (movedAt === undefined || now - movedAt < route.idleMs || (!this.#hasBegun && this.#until !== Infinity)) return;
    if (this.#hasBegun) this.#response.destroy();
    else if (this.#body?.isFull) this.#giveUp(late());
    else this.#giveUp(new Problem(408, 'body-stopped', 'The body of the request did not go on'));
  }

  #attempt(): Promise<void> {
    const { upstream, raw, path, headers, onUpgrade } = this.#options;
    this.#held?.controller.abort(new Error('another attempt is made'));
    this.#held = undefined;
    if (this.signal.aborted) return Promise.reject(this.#failure(this.signal.reason));
    const url = upstream.nextUrl();
    return new Promise((resolve, reject) => {
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: (controller) => {
          this.#controller = controller;
          if (this.signal.aborted) controller.abort(this.signal.reason);
        },
        onResponseStart: (controller, status, headers, message) => {
          if (status < 200) return this.#inform(status, headers);
          const answer = { controller, status, headers, message };
          if (!isTrouble(status)) {
            this.#beginAnswer(answer);
            return resolve();
          }
          controller.pause();
          this.#held = answer;
          const retryAfterMs = parseRetryAfter(headers['retry-after']);
          const details = {
            status,
            isOfOneInstance: this.#way.isLastLeftOut,
            ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          };
          reject(new ServiceError(upstream.service, 'status', `answered ${status}`, details));
        },
        onRequestUpgrade: (controller, _status, { connection, upgrade }, socket) => {
          if (String(upgrade).toLowerCase() !== 'websocket') {
            socket.destroy();
            return reject(this.#failure(new Error(`it switched to ${upgrade}`)));
          }
          this.#over();
          const { reply, isOwnCookie } = this.#options;
          onUpgrade?.(answerHeaders(rawOf(controller), connection, reply.getHeaders(), false, isOwnCookie), socket);
          resolve();
        },
        onResponseData: (controller, chunk) => {
          this.#movedAt = performance.now();
          if (this.#response.write(chunk)) return;
          controller.pause();
          this.#response.once('drain', () => {
            this.#movedAt = performance.now();
            controller.resume();
          });
        },
        onResponseEnd: (controller) => {
          this.#over();
          const trailers = trailersOf(controller);
          if (trailers.length > 0) this.#response.addTrailers(trailers);
          this.#response.end();
        },
        onResponseError: (controller, error) => {
          if (this.#held?.controller === controller) this.#held = undefined;
          if (!this.#hasBegun) return reject(this.#failure(error));
          if (this.#isOver) return;
          this.#options.reply.log.warn({ err: error, peer: upstream.service }, 'an answer broke off');
          this.#over();
          // Not ended: what has come must not look like all of it.
          this.#response.destroy();
        },
      };
      upstream.dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname === '/' ? path : `${url.pathname.replace(/\/$/, '')}${path}`,
          method: raw.method as Dispatcher.HttpMethod,
          headers,
          body: this.#body ?? null,
          // How long something may take is for the route to say.
          ...{ headersTimeout: 0, bodyTimeout: 0, route: this.#way, signal: this.signal },
          ...(onUpgrade ? { upgrade: 'websocket' } : {}),
        } as Dispatcher.DispatchOptions,
        handler,
      );
    });
  }

  /** Status 103 tells early what a page is going to need; the others are no matter of a client. */
  #inform(status: number, { link }: IncomingHttpHeaders): void {
    if (status !== 103 || !link || this.#options.raw.httpVersion === '1.0' || this.#response.headersSent) return;
    // Nobody holds an upstream up that sends them without end.
    if (this.#response.socket?.writableNeedDrain) return;
    try {
      this.#response.writeEarlyHints({ link });
    } catch {
      // It is no link. What counts is the answer.
    }
  }

  #beginAnswer({ controller, status, headers, message }: Answer): void {
    const { reply, ownCors, isOwnCookie, raw, isLeaving } = this.#options;
    const passed = answerHeaders(rawOf(controller), headers.connection, reply.getHeaders(), ownCors, isOwnCookie);
    // What still comes of the request nobody reads.
    if (isLeaving() || (this.#body && !raw.complete)) passed.push('connection', 'close');
    const response = this.#response;
    if (message && /^[\t\x20-\x7e]+$/.test(message)) response.writeHead(status, message, passed);
    else response.writeHead(status, passed);
    reply.hijack();
    clearTimeout(this.#timer);
    this.#hasBegun = true;
    this.#movedAt = performance.now();
    this.#isEventStream = String(headers['content-type']).startsWith('text/event-stream');
    if (isLeaving()) this.endStream();
    // Nothing comes behind these, whatever length they tell: of a 304 it is that of what is not sent (RFC 9110, 8.6).
    if (status === 204 || status === 304) {
      this.#over();
      response.end();
    }
    // Where the first of a stream takes its time, the client learns at least that it is one.
    if (headers['content-length'] === undefined) setImmediate(() => !response.writableEnded && response.flushHeaders());
  }

  #passOn(answer: Answer): void {
    this.#held = undefined;
    this.#beginAnswer(answer);
    answer.controller.resume();
  }

  readonly #expectAnswer = (): void => {
    const { timeoutMs } = this.#options.route;
    if (this.#hasBegun || this.#isOver) return;
    this.#until = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#giveUp(late()), timeoutMs);
  };

  readonly #closed = (): void => {
    if (this.#isOver) return;
    if (this.#hasBegun) {
      this.#over();
      this.#controller?.abort(new Error('the client is gone'));
    } else this.#giveUp(new Error('the client is gone'));
  };

  #giveUp(reason: Error): void {
    this.#gaveUp.abort(reason);
    this.#held?.controller.abort(reason);
    this.#controller?.abort(reason);
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#response.off('close', this.#closed);
  }

  /** What became of an attempt. What the client has broken is no failure of the upstream, and no success either. */
  #failure(error: unknown): ServiceError {
    const { service } = this.#options.upstream;
    const reason: unknown = this.signal.aborted ? this.signal.reason : (this.#body?.errored ?? error);
    const details = { cause: error, isOfOneInstance: this.#way.isLastLeftOut };
    if (reason instanceof ServiceError) return reason;
    if ((reason as Error).name === 'TimeoutError')
      return new ServiceError(service, 'timeout', 'no answer in time', details);
    if (reason instanceof Problem) return new ServiceError(service, 'aborted', reason.message, { cause: reason });
    if (reason instanceof BodyTooLarge) return new ServiceError(service, 'aborted', 'too large', { cause: tooLarge() });
    const { raw } = this.#options;
    // A request that has come whole counts as destroyed too.
    const isTheClient = this.signal.aborted || (raw.destroyed && !raw.complete) || this.#response.destroyed;
    return isTheClient
      ? new ServiceError(service, 'aborted', 'the client is gone', { cause: error })
      : new ServiceError(service, 'network', (error as Error).message, details);
  }

  /** Also ends the wait for a turn, for a probe and for the next attempt. */
  #unlessGivenUp<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(this.#failure(this.signal.reason));
      this.signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject);
    });
  }
}

const late = (): Error => new DOMException('no answer in time', 'TimeoutError');

export const tooLarge = (): Problem => new Problem(413, 'body-too-large', 'The body of the request is too large');

const rawOf = (controller: Dispatcher.DispatchController): readonly (Buffer | string)[] =>
  (controller as unknown as { rawHeaders: (Buffer | string)[] | null }).rawHeaders ?? [];

/** What may stand at the end: nothing that says how the message is to be read (RFC 9110, 6.5.1). */
function trailersOf(controller: Dispatcher.DispatchController): [string, string][] {
  const raw = (controller as unknown as { rawTrailers: (Buffer | string)[] | null }).rawTrailers ?? [];
  const trailers: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const [name, value] = [latin1(raw[i]), latin1(raw[i + 1])];
    if (!/^(content-|transfer-|set-cookie|authorization|host|connection|trailer|te$)/i.test(name))
      trailers.push([name, value]);
  }
  return trailers;
}
