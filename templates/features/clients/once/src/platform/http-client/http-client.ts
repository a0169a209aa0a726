import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { Agent, type Dispatcher } from 'undici';
import { attempt, connectionError } from './attempt.ts';
import { type Circuit, resilience } from './resilience.ts';
import { isRepeatable } from './retry.ts';
import { ServiceError } from './service-error.ts';
import type { ClientSettings } from './settings.ts';
import { type TokenProvider, tokenFromFile } from './token.ts';

export interface CallOptions<S extends TSchema = TSchema> {
  /** What this service relies on in the answer; anything else in it may change. */
  response?: S;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Makes POST and PATCH safe to repeat: the same key goes with every attempt. */
  idempotencyKey?: string;
  /** Give up when this aborts, for example `request.signal`. */
  signal?: AbortSignal;
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
  /** Instead of the file that the settings may name. */
  token?: TokenProvider | undefined;
}

/** Calls one other service. Every call ends before its deadline, with an answer or a ServiceError. */
export class HttpClient {
  readonly #service: string;
  readonly #settings: ClientSettings;
  readonly #observer: ClientObserver;
  readonly #token: TokenProvider | undefined;
  readonly #agent: Agent;
  readonly #resilience: ReturnType<typeof resilience>;
  #turn = 0;

  constructor({ service, settings, observer, token }: ClientOptions) {
    this.#service = service;
    this.#settings = settings;
    this.#observer = observer;
    this.#token = token ?? (settings.tokenFile ? tokenFromFile(settings.tokenFile) : undefined);
    this.#agent = new Agent({ connections: settings.maxConcurrent, connect: { timeout: settings.attemptMs } });
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
    const { deadlineMs } = this.#settings;
    const started = performance.now();
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
    let outcome = 'ok';
    try {
      const answer = this.#resilience.run({
        isRepeatable: isRepeatable(method, options.idempotencyKey),
        deadline: Date.now() + deadlineMs,
        signal,
        attempt: () => this.#attempt(method, path, options, signal),
      });
      return await this.#untilAborted(answer, signal, options.signal);
    } catch (error) {
      outcome = error instanceof ServiceError ? error.reason : 'error';
      throw error;
    } finally {
      this.#observer.finished(outcome, (performance.now() - started) / 1_000);
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #attempt<S extends TSchema>(
    method: Dispatcher.HttpMethod,
    path: string,
    options: CallOptions<S>,
    signal: AbortSignal,
  ) {
    const { body, idempotencyKey, response } = options;
    const token = await this.#token?.();
    const answer = await attempt({
      service: this.#service,
      dispatcher: this.#agent,
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
      timeoutMs: this.#settings.attemptMs,
      signal,
      caller: options.signal,
    });
    if (response && !Check(response, answer)) {
      throw new ServiceError(this.#service, 'response', 'its answer is not what was agreed');
    }
    return answer as Static<S>;
  }

  /** The deadline also holds for what cannot be interrupted: waiting for a turn, for a probe, for the next attempt. */
  #untilAborted<T>(work: Promise<T>, signal: AbortSignal, caller: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(connectionError(this.#service, signal.reason, caller));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** Kubernetes balances behind one address; where there are several, they take turns. */
  #address(path: string, query: Record<string, string> = {}): URL {
    const { urls } = this.#settings;
    const base = urls[this.#turn++ % urls.length] as URL;
    const url = new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
}
