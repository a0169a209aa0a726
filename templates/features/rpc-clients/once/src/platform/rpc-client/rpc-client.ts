import type { DescMessage, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

export interface RpcCallOptions {
  /** Makes a call safe to repeat that its contract does not call idempotent: the same key goes with every attempt. */
  idempotencyKey?: string;
  /**
   * Give up when this aborts. Without it: when whoever made the request that is served hangs up, or stops to wait as it
   * said. `null` where the call is to be made for nobody but ourselves.
   */
  signal?: AbortSignal | null;
  /** Milliseconds for the whole call or stream, less than the settings say. */
  deadlineMs?: number;
  /** Printable ASCII, or bytes where the name ends in `-bin`. */
  metadata?: Readonly<Record<string, string | Uint8Array>>;
}

type Kind = 'unary' | 'server_streaming' | 'client_streaming' | 'bidi_streaming';
type Method = { methodKind: Kind; input: DescMessage; output: DescMessage };
type Request<M extends Method> = MessageInitShape<M['input']>;
type Requests<M extends Method> = AsyncIterable<Request<M>> | Iterable<Request<M>>;
type Answer<M extends Method> = MessageShape<M['output']>;

type ClientMethod<M extends Method> = {
  unary: (request: Request<M>, options?: RpcCallOptions) => Promise<Answer<M>>;
  server_streaming: (request: Request<M>, options?: RpcCallOptions) => AsyncIterable<Answer<M>>;
  client_streaming: (requests: Requests<M>, options?: RpcCallOptions) => Promise<Answer<M>>;
  bidi_streaming: (requests: Requests<M>, options?: RpcCallOptions) => AsyncIterable<Answer<M>>;
}[M['methodKind']];

/** One function for each method of a service. */
export type RpcClient<S extends DescService> = { [K in keyof S['method']]: ClientMethod<S['method'][K]> };
