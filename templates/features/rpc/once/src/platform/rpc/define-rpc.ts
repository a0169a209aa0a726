import type { DescMessage, DescService, Message, MessageShape } from '@bufbuild/protobuf';
import type { FastifyInstance } from 'fastify';
import type { Call } from './call.ts';

/** What a feature wants to know of a method, such as who may call it. */
export interface MethodConfig {
  /** Open to everybody, where a feature asks callers who they are. */
  public?: true;
  /** For probes: no span, no log line, no metric. */
  quiet?: true;
}

type Kind = 'unary' | 'server_streaming' | 'client_streaming' | 'bidi_streaming';
type Method = { methodKind: Kind; input: DescMessage; output: DescMessage };
type Input<M extends Method> = MessageShape<M['input']>;
type Output<M extends Method> = MessageShape<M['output']>;

/** What answers a method, by its kind. Messages are made with `create`, which takes no field that the contract lacks. */
export type Handler<M extends Method> = {
  unary: (request: Input<M>, call: Call) => Promise<Output<M>>;
  server_streaming: (request: Input<M>, call: Call) => AsyncIterable<Output<M>>;
  client_streaming: (requests: AsyncIterable<Input<M>>, call: Call) => Promise<Output<M>>;
  bidi_streaming: (requests: AsyncIterable<Input<M>>, call: Call) => AsyncIterable<Output<M>>;
}[M['methodKind']];

type Definition<S extends DescService> = {
  /** One handler for each method of the service. */
  handlers: (app: FastifyInstance) => { [K in keyof S['method']]: Handler<S['method'][K]> };
  methods?: { readonly [K in keyof S['method']]?: MethodConfig };
};

/** The four kinds as what they have in common: one message in or many, one out or many. */
export type AnyHandler = (
  input: Message & AsyncIterable<Message>,
  call: Call,
) => Promise<Message> & AsyncIterable<Message>;

/** What each file in src/rpc/ exports. */
export interface RpcDefinition {
  service: DescService;
  handlers: (app: FastifyInstance) => Readonly<Record<string, AnyHandler>>;
  methods: Readonly<Record<string, MethodConfig>>;
}

export const defineRpc = <S extends DescService>(
  service: S,
  { handlers, methods = {} }: Definition<S>,
): RpcDefinition => ({
  service,
  // Which kind each is, the descriptor of its method says once more where it is called.
  handlers: handlers as unknown as RpcDefinition['handlers'],
  methods: methods as RpcDefinition['methods'],
});
