import type { TestContext } from 'node:test';
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { StatusSchema } from '../../src/platform/rpc/standard/google/rpc/status_pb.ts';

interface Options {
  /** Milliseconds from now. */
  deadlineMs?: number;
  metadata?: Record<string, string>;
}

type Kind<K extends DescMethod['methodKind']> = DescMethod & { methodKind: K };
type Init<M extends DescMethod> = MessageInitShape<M['input']>;
type Out<M extends DescMethod> = MessageShape<M['output']>;

/** A bare client, which shows what is on the wire: no retry, no breaker. */
export function callsTo(t: TestContext, port: number, { host = '127.0.0.1', tls = credentials.createInsecure() } = {}) {
  const client = new Client(`${host}:${port}`, tls, { 'grpc.enable_http_proxy': 0 });
  t.after(() => client.close());
  const pathOf = ({ parent, name }: DescMethod) => `/${parent.typeName}/${name}`;
  const writer =
    <D extends DescMessage>(schema: D) =>
    (message: MessageInitShape<D>) =>
      Buffer.from(toBinary(schema, create(schema, message)));
  const reader =
    <D extends DescMessage>(schema: D) =>
    (bytes: Buffer) =>
      fromBinary(schema, bytes);
  const optionsOf = ({ deadlineMs }: Options) =>
    deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  const metadataOf = ({ metadata = {} }: Options) => {
    const result = new Metadata();
    for (const [name, value] of Object.entries(metadata)) result.set(name, value);
    return result;
  };

  return {
    /** @returns the answer, with the headers that came before it. */
    unary<M extends Kind<'unary'>>(method: M, request: Init<M>, options: Options = {}) {
      let call: ClientUnaryCall | undefined;
      const answer = new Promise<{ message: Out<M>; headers: Metadata }>((resolve, reject) => {
        let headers = new Metadata();
        call = client
          .makeUnaryRequest<Init<M>, Message>(
            pathOf(method),
            writer(method.input),
            reader(method.output),
            request,
            metadataOf(options),
            optionsOf(options),
            (error, message) => (error ? reject(error) : resolve({ message: message as Out<M>, headers })),
          )
          .on('metadata', (received) => {
            headers = received;
          });
      });
      return Object.assign(answer, { cancel: () => call?.cancel() });
    },

    /** Sends all, and takes the one answer. */
    collect: <M extends Kind<'client_streaming'>>(method: M, requests: readonly Init<M>[]) =>
      new Promise<Out<M>>((resolve, reject) => {
        const call = client.makeClientStreamRequest<Init<M>, Message>(
          pathOf(method),
          writer(method.input),
          reader(method.output),
          (error, message) => (error ? reject(error) : resolve(message as Out<M>)),
        );
        for (const request of requests) call.write(request);
        call.end();
      }),

    watch: <M extends Kind<'server_streaming'>>(method: M, request: Init<M>, options: Options = {}) =>
      client.makeServerStreamRequest(
        pathOf(method),
        writer(method.input),
        reader(method.output),
        request,
        metadataOf(options),
        optionsOf(options),
      ) as ClientReadableStream<Out<M>>,

    duplex: <M extends Kind<'bidi_streaming'>>(method: M, options: Options = {}) =>
      client.makeBidiStreamRequest(
        pathOf(method),
        writer(method.input),
        reader(method.output),
        metadataOf(options),
        optionsOf(options),
      ) as unknown as ClientDuplexStream<Init<M>, Out<M>>,

    /** For what is no message at all. */
    raw: (path: string, bytes: Buffer) =>
      new Promise<Buffer>((resolve, reject) => {
        const asItIs = (same: Buffer) => same;
        client.makeUnaryRequest(path, asItIs, asItIs, bytes, (error, answer) =>
          error ? reject(error) : resolve(answer as Buffer),
        );
      }),
  };
}

/** The details of an error, by the type that they have. */
export function detailsOf<D extends DescMessage>(error: unknown, schema: D): MessageShape<D> | undefined {
  const [bytes] = (error as ServiceError).metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return undefined;
  const found = fromBinary(StatusSchema, bytes).details.find(({ typeUrl }) => typeUrl.endsWith(`/${schema.typeName}`));
  return found && fromBinary(schema, found.value);
}
