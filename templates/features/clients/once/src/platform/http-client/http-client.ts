import type { Static, TSchema } from 'typebox';
import type { Validator } from 'typebox/schema';
import type { Dispatcher } from 'undici';
import { whyNotAgreed } from './agreed.ts';
import { type Attempt, attempt, connectionError, type Route } from './attempt.ts';
import { openCall } from './open-call.ts';
import { addressBelow } from './path.ts';
import { type Circuit, resilience } from './resilience.ts';
import { isRepeatable } from './retry.ts';
import { ServiceError } from './service-error.ts';
import type { ClientSettings } from './settings.ts';
import { type TimeLimit, untilAborted } from './time-limit.ts';
import { type TokenProvider, tokenFromFile } from './token.ts';

type QueryValue = string | number | boolean | null | undefined;

export interface CallOptions<S extends TSchema = TSchema> {
  /** What this service relies on in the answer; anything else in it may change. */
  response?: S | Validator;
  /** Of several values each gets the name; one that is undefined or null is left out. */
  query?: Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Makes POST and PATCH safe to repeat: the same key goes with every attempt. */
  idempotencyKey?: string;
  /**
   * Give up when this aborts. Without it: when whoever made the request that is served hangs up, or stops to wait as it
   * said. `null` where the call is to be made for nobody but ourselves.
   */
  signal?: AbortSignal | null;
}

export interface ClientObserver {
  circuitChanged(circuit: Circuit): void;
  retrying(): void;
  /** `outcome` is `ok` or the reason of the ServiceError. */
  finished(outcome: string, seconds: number): void;
}

interface ClientOptions {
  service: string;
  settings: ClientSettings;
  observer: ClientObserver;
  /** Carries the requests; closed with the client. */
  dispatcher: Dispatcher;
  /** Instead of the file that the settings may name. */
  token?: TokenProvider | undefined;
}

/** Calls one other service. Every call ends before its deadline, with an answer or a ServiceError. */
export class HttpClient {
  readonly #service: string;
  readonly #settings: ClientSettings;
  readonly #observer: ClientObserver;
  readonly #token: TokenProvider | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #resilience: ReturnType<typeof resilience>;
  #turn = 0;

  constructor({ service, settings, observer, dispatcher, token }: ClientOptions) {
    this.#service = service;
    this.#settings = settings;
    this.#observer = observer;
    this.#token = token ?? (settings.tokenFile ? tokenFromFile(settings.tokenFile) : undefined);
    this.#dispatcher = dispatcher;
    this.#resilience = resilience(service, settings, observer);
  }

  get circuit(): Circuit {
    return this.#resilience.circuit;
  }

  get = <S extends TSchema>(path: string, options?: CallOptions<S>) => this.call('GET', path, options);
  post = <S extends TSchema>(path: string, options?: CallOptions<S>) => this.call('POST', path, options);
  put = <S extends TSchema>(path: string, options?: CallOptions<S>) => this.call('PUT', path, options);
  patch = <S extends TSchema>(path: string, options?: CallOptions<S>) => this.call('PATCH', path, options);
  delete = <S extends TSchema>(path: string, options?: CallOptions<S>) => this.call('DELETE', path, options);

  async call<S extends TSchema>(
    method: Dispatcher.HttpMethod,
    path: string,
    options: CallOptions<S> = {},
  ): Promise<Static<S>> {
    const { limit, caller, end } = openCall(this.#observer, this.#settings.deadlineMs, options.signal);
    const route: Route = { tried: new Set(), isLastLeftOut: false };
    try {
      const work = this.#resilience.run({
        isRepeatable: isRepeatable(method, options.idempotencyKey),
        limit,
        attempt: () => this.#attempt(method, path, options, { limit, caller, route }),
      });
      // The deadline also holds for waiting: for a turn, for a probe, for the next attempt.
      const late = () => connectionError(this.#service, limit.signal.reason, caller);
      const answer = await untilAborted(work, limit.signal, late);
      end();
      return answer;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.close();
  }

  async #attempt<S extends TSchema>(
    method: Dispatcher.HttpMethod,
    path: string,
    options: CallOptions<S>,
    { limit, caller, route }: { limit: TimeLimit } & Pick<Attempt, 'caller' | 'route'>,
  ) {
    const { body, idempotencyKey, response } = options;
    const token = await this.#token?.();
    const answer = await attempt({
      service: this.#service,
      dispatcher: this.#dispatcher,
      route,
      method,
      url: this.#address(path, options.query),
      headers: {
        accept: 'application/json, application/problem+json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...options.headers,
      },
      body,
      timeoutMs: Math.min(this.#settings.attemptMs, limit.left),
      signal: limit.signal,
      caller,
    });
    const why = response && whyNotAgreed(response, answer);
    if (why) throw new ServiceError(this.#service, 'response', `its answer is not what was agreed: ${why}`);
    return answer as Static<S>;
  }

  /** Several addresses take turns; what carries the requests may find others in their place. */
  #address(path: string, query: CallOptions['query'] = {}): URL {
    const { urls } = this.#settings;
    const base = urls[this.#turn++ % urls.length] as URL;
    const url = addressBelow(base, path);
    if (!url) throw new ServiceError(this.#service, 'path', `${path} is no path of it: an id in it may be none`);
    for (const [name, values] of Object.entries(query)) {
      for (const value of [values].flat())
        if (value !== undefined && value !== null) url.searchParams.append(name, String(value));
    }
    return url;
  }
}
