import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt';
import { Metadata } from '@grpc/grpc-js';
import { context, propagation, SpanKind } from '@opentelemetry/api';
import { correlationHeader, correlationId } from '../context.ts';
import { connectionError } from '../http-client/attempt.ts';
import type { ClientObserver } from '../http-client/http-client.ts';
import { type OpenCall, openCall } from '../http-client/open-call.ts';
import { type Circuit, resilience } from '../http-client/resilience.ts';
import { ServiceError } from '../http-client/service-error.ts';
import { untilAborted } from '../http-client/time-limit.ts';
import { type TokenProvider, tokenFromFile } from '../http-client/token.ts';
import { isStreamIn, isStreamOut } from '../rpc/definition.ts';
import { withSpan } from '../tracing/span.ts';
import { type Attempt, attemptOne, attemptStream } from './attempt.ts';
import { Channel } from './channel.ts';
import type { RpcCallOptions, RpcClient } from './rpc-client.ts';
import type { RpcClientSettings } from './settings.ts';

interface CallerOptions {
  service: string;
  settings: RpcClientSettings;
  observer: ClientObserver;
  /** Instead of the file that the settings may name. */
  token?: TokenProvider | undefined;
}

type Input = object | AsyncIterable<object> | Iterable<object>;

interface Call extends OpenCall {
  method: DescMethod;
  input: Input;
  options: RpcCallOptions;
}

/** Calls one other service by gRPC. Every call ends before its deadline, with an answer or a ServiceError. */
export class RpcCaller {
  readonly #options: CallerOptions;
  readonly #token: TokenProvider | undefined;
  readonly #channel: Channel;
  readonly #resilience: ReturnType<typeof resilience>;

  constructor(options: CallerOptions) {
    const { service, settings, observer, token } = options;
    this.#options = options;
    this.#token = token ?? (settings.tokenFile ? tokenFromFile(settings.tokenFile) : undefined);
    this.#channel = new Channel(settings);
    this.#resilience = resilience(service, settings, observer);
  }

  get circuit(): Circuit {
    return this.#resilience.circuit;
  }

  /** What somebody should look at, though calls are made. */
  get trouble(): string | undefined {
    return this.#channel.trouble;
  }

  /** The methods of a service, as functions. */
  client<S extends DescService>(contract: S): RpcClient<S> {
    const methods = contract.methods.map((method) => [
      method.localName,
      (input: Input, options: RpcCallOptions = {}) =>
        isStreamOut(method) ? this.#stream(method, input, options) : this.#one(method, input, options),
    ]);
    return Object.fromEntries(methods) as RpcClient<S>;
  }

  close(): void {
    this.#channel.close();
  }

  async #one(method: DescMethod, input: Input, options: RpcCallOptions): Promise<Message> {
    const call = this.#begin(method, input, options, this.#options.settings.deadlineMs);
    try {
      const answer = await this.#run(call, this.#options.settings.attemptMs, attemptOne);
      call.end();
      return answer;
    } catch (error) {
      call.end(error);
      throw error;
    }
  }

  #stream(method: DescMethod, input: Input, options: RpcCallOptions): AsyncIterable<Message> {
    // Now, in the context of whoever calls: what comes later runs in that of whoever reads.
    const call = this.#begin(method, input, options, this.#options.settings.streamMs);
    const opened = this.#run(call, this.#options.settings.streamMs, attemptStream);
    opened.catch((error) => call.end(error));
    return (async function* () {
      const stream = await opened;
      try {
        yield* stream.messages;
        call.end();
      } catch (error) {
        call.end(error);
        throw error;
      } finally {
        stream.cancel();
        call.end();
      }
    })();
  }

  #begin(method: DescMethod, input: Input, options: RpcCallOptions, mostMs: number): Call {
    const most = Math.min(mostMs, options.deadlineMs ?? Infinity);
    return { method, input, options, ...openCall(this.#options.observer, most, options.signal) };
  }

  async #run<T>(call: Call, attemptMs: number, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
    const { method, options, limit, caller } = call;
    // Before the breaker, to which what cannot be sent proves nothing.
    this.#setGiven(new Metadata(), options);
    const { service } = this.#options;
    const isIdempotent = method.idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN || options.idempotencyKey !== undefined;
    const attributes = { 'rpc.system': 'grpc', 'rpc.service': method.parent.typeName, 'rpc.method': method.name };
    const late = () => connectionError(service, limit.signal.reason, caller);
    const work = this.#resilience.run({
      // What was read once of a stream of requests cannot be sent again.
      isRepeatable: isIdempotent && !isStreamIn(method),
      limit,
      attempt: () =>
        withSpan(`${method.parent.typeName}/${method.name}`, { kind: SpanKind.CLIENT, attributes }, async () => {
          const metadata = await this.#metadata(options);
          if (limit.signal.aborted) throw late();
          return attempt({
            service,
            method,
            ...this.#channel.acquire(),
            peers: this.#channel.peers,
            input: call.input,
            metadata,
            timeoutMs: Math.min(attemptMs, limit.left),
            signal: limit.signal,
            caller,
          });
        }),
    });
    // The deadline also holds for waiting: for a turn, for a probe, for the next attempt.
    return untilAborted(work, limit.signal, late);
  }

  async #metadata(options: RpcCallOptions): Promise<Metadata> {
    const result = new Metadata();
    const set = (name: string, value: string | Uint8Array) => this.#set(result, name, value);
    const token = await this.#token?.();
    if (token !== undefined) set('authorization', `Bearer ${token}`);
    const id = correlationId();
    if (id !== undefined) set(correlationHeader, id);
    propagation.inject(context.active(), result, { set: (_, name, value) => set(name, value) });
    this.#setGiven(result, options);
    return result;
  }

  #setGiven(result: Metadata, { idempotencyKey, metadata = {} }: RpcCallOptions): void {
    if (idempotencyKey !== undefined) this.#set(result, 'idempotency-key', idempotencyKey);
    for (const [name, value] of Object.entries(metadata)) this.#set(result, name, value);
  }

  #set(metadata: Metadata, name: string, value: string | Uint8Array): void {
    try {
      metadata.set(name, typeof value === 'string' ? value : Buffer.from(value));
    } catch {
      // The error of grpc-js has the value in it, which may be a secret.
      throw new ServiceError(this.#options.service, 'path', `${JSON.stringify(name)} cannot be sent as metadata`);
    }
  }
}
