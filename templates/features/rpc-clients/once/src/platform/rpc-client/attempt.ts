import { create, type DescMethod, type Message } from '@bufbuild/protobuf';
import type {
  Client,
  ClientDuplexStream,
  ClientWritableStream,
  ServiceError as GrpcError,
  Metadata,
} from '@grpc/grpc-js';
import { connectionError } from '../http-client/attempt.ts';
import type { ServiceError } from '../http-client/service-error.ts';
import { isStreamIn, methodDefinition } from '../rpc/definition.ts';
import { isOutage, serviceErrorOf } from './errors.ts';
import type { Peers } from './peers.ts';

type Messages = AsyncIterable<object> | Iterable<object>;

export interface Attempt {
  service: string;
  method: DescMethod;
  client: Client;
  /** Told how it went with the instance that was asked. */
  peers: Peers;
  /** Called once the attempt is over. */
  release: () => void;
  input: object | Messages;
  metadata: Metadata;
  /** How long this attempt may take. */
  timeoutMs: number;
  /** Deadline of the whole call, or the caller giving up. */
  signal: AbortSignal;
  /** The caller's own signal. */
  caller: AbortSignal | undefined;
}

/** Messages that come in, until the stream ends or is left. */
export interface OpenStream {
  messages: AsyncIterable<Message>;
  cancel(): void;
}

/** One call with one answer. @throws ServiceError for everything else */
export async function attemptOne(attempt: Attempt): Promise<Message> {
  const { client, method, input, metadata } = attempt;
  const { path, requestSerialize: write, responseDeserialize: read } = methodDefinition(method);
  let cancel = () => {};
  const stop = () => cancel();
  try {
    return await new Promise<Message>((resolve, reject) => {
      const options = { deadline: Date.now() + attempt.timeoutMs };
      const done = (error: GrpcError | null, answer?: Message) => {
        if (!answer || error) return reject(errorOf(attempt, error as GrpcError, call.getPeer()));
        attempt.peers.answered(call.getPeer());
        resolve(answer);
      };
      const call = isStreamIn(method)
        ? client.makeClientStreamRequest(path, write, read, metadata, options, done)
        : client.makeUnaryRequest(path, write, read, messageOf(method, input), metadata, options, done);
      cancel = () => call.cancel();
      if (isStreamIn(method)) {
        send(call as ClientWritableStream<Message>, method, input as Messages).catch((error) => {
          call.cancel();
          reject(error);
        });
      }
      attempt.signal.addEventListener('abort', stop, { once: true });
    });
  } finally {
    attempt.signal.removeEventListener('abort', stop);
    attempt.release();
  }
}

/**
 * A call with many answers, open once the service has taken it: until then it may be repeated.
 *
 * @throws ServiceError where it has not; `messages` throws it later
 */
export async function attemptStream(attempt: Attempt): Promise<OpenStream> {
  const { client, method, input, metadata, signal } = attempt;
  const { path, requestSerialize: write, responseDeserialize: read } = methodDefinition(method);
  const call = open();
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });

  // grpc-js ends the messages first and tells the error then: whoever only reads would take it for a whole stream.
  let failure: unknown;
  const status = new Promise<void>((resolve) => {
    call.once('error', (error: GrpcError) => {
      failure ??= errorOf(attempt, error, call.getPeer());
      resolve();
    });
    call.on('error', () => {});
    call.once('status', () => resolve());
  });
  void status.then(() => {
    signal.removeEventListener('abort', cancel);
    attempt.release();
  });
  if (isStreamIn(method)) {
    send(call as ClientDuplexStream<Message, Message>, method, input as Messages).catch((error) => {
      // What was to be sent failed: that is the fault of nobody else.
      failure ??= error;
      cancel();
    });
  }

  call.once('metadata', () => attempt.peers.answered(call.getPeer()));
  await Promise.race([status, new Promise((resolve) => call.once('metadata', resolve))]);
  if (failure) throw failure;
  return { messages: messagesOf(), cancel };

  function open() {
    const options = { deadline: Date.now() + attempt.timeoutMs };
    try {
      return isStreamIn(method)
        ? client.makeBidiStreamRequest(path, write, read, metadata, options)
        : client.makeServerStreamRequest(path, write, read, messageOf(method, input), metadata, options);
    } catch (error) {
      attempt.release();
      throw error;
    }
  }

  async function* messagesOf(): AsyncGenerator<Message> {
    try {
      yield* call as AsyncIterable<Message>;
    } catch (error) {
      failure ??= errorOf(attempt, error as GrpcError, call.getPeer());
    }
    await status;
    if (failure) throw failure;
  }
}

const messageOf = (method: DescMethod, given: object): Message =>
  create(method.input, given as Record<string, unknown>);

async function send(call: ClientWritableStream<Message>, method: DescMethod, messages: Messages): Promise<void> {
  for await (const message of messages) {
    if (call.destroyed || call.writableEnded) return;
    if (!call.write(messageOf(method, message))) await untilDrained(call);
  }
  call.end();
}

const untilDrained = (call: ClientWritableStream<Message>): Promise<void> =>
  new Promise((resolve) => {
    const events = ['drain', 'close', 'error', 'status'];
    const done = () => {
      for (const event of events) call.off(event, done);
      resolve();
    };
    for (const event of events) call.on(event, done);
  });

/** What the deadline or the caller ended is not what the service said. */
function errorOf({ service, signal, caller, peers }: Attempt, error: GrpcError, peer: string): ServiceError {
  if (caller?.aborted) return connectionError(service, error, caller);
  if (!signal.aborted && !isOutage(error)) {
    peers.answered(peer);
    return serviceErrorOf(service, error);
  }
  const isOfOneInstance = peers.failed(peer);
  return signal.aborted
    ? connectionError(service, signal.reason, caller, { isLastLeftOut: isOfOneInstance })
    : serviceErrorOf(service, error, isOfOneInstance);
}
