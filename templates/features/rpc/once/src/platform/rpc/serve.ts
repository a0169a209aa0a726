import type { DescMethod, Message } from '@bufbuild/protobuf';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type StatusObject,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { acceptCorrelationId, correlationHeader } from '../context.ts';
import { type Call, ServerCall } from './call.ts';
import type { AnyHandler, MethodConfig, RpcDefinition } from './define-rpc.ts';
import { isStreamIn, isStreamOut, pathOf } from './definition.ts';
import { isOwnFault, type Observe } from './observe.ts';
import { cutOffStatus, statusOf } from './status.ts';

/** Throws a `Problem` where a call may not be made. */
export type Guard = (call: Call, config: MethodConfig) => Promise<void>;

export interface Serving {
  app: FastifyInstance;
  observe: Observe;
  guards: readonly Guard[];
  /** Aborts when this service begins to leave. */
  leaving: AbortSignal;
  /** Ends of the streams that are open, for those that do not end by themselves. */
  streams: Set<() => void>;
}

type Stream = ServerDuplexStream<Message, Message>;
type Incoming = ServerUnaryCall<Message, Message> | Stream;

/** The handlers of a service as grpc-js calls them. */
export function implementationOf(definition: RpcDefinition, serving: Serving): UntypedServiceImplementation {
  const { service, handlers, methods } = definition;
  const ofApp = handlers(serving.app);
  return Object.fromEntries(
    service.methods.map((method) => {
      const { localName } = method;
      const serve = isStreamOut(method) ? serveStream : serveOne;
      const isMany = isStreamIn(method);
      return [
        localName,
        serve({ method, handler: ofApp[localName] as AnyHandler, isMany }, methods[localName] ?? {}, serving),
      ];
    }),
  );
}

interface Served {
  method: DescMethod;
  handler: AnyHandler;
  /** True where the caller sends many messages. */
  isMany: boolean;
}

function serveOne(served: Served, config: MethodConfig, serving: Serving): handleUnaryCall<Message, Message> {
  return (incoming, answer) => {
    const open = begin(incoming, served, config, serving);
    open.run(async () => {
      try {
        await open.guard();
        const message = await served.handler(inputOf(incoming, served), open.call);
        if (!open.end(status.OK)) return;
        incoming.sendMetadata(open.headers());
        answer(null, message);
      } catch (error) {
        open.fail(error, (problem) => answer(problem));
      }
    });
  };
}

function serveStream(
  served: Served,
  config: MethodConfig,
  serving: Serving,
): handleBidiStreamingCall<Message, Message> {
  return (incoming) => {
    const open = begin(incoming, served, config, serving);
    // grpc-js ends the call with what it is told this way.
    const refuse = (problem: StatusObject) => void incoming.emit('error', problem);
    const cutOff = () => {
      const problem = cutOffStatus(open.call.correlationId);
      if (open.abandon(problem.code)) refuse(problem);
    };
    serving.streams.add(cutOff);
    open.run(async () => {
      try {
        await open.guard();
        const messages = served.handler(inputOf(incoming, served), open.call);
        incoming.sendMetadata(open.headers());
        for await (const message of messages) {
          if (!open.call.isOpen) return;
          if (!incoming.write(message)) await untilDrained(incoming);
        }
        if (open.end(status.OK)) incoming.end();
      } catch (error) {
        open.fail(error, refuse);
      } finally {
        serving.streams.delete(cutOff);
      }
    });
  };
}

/** `for await` over a duplex call would destroy it at its end, before the answer is out. */
const inputOf = (incoming: unknown, { isMany }: Served): Message & AsyncIterable<Message> => {
  const stream = incoming as Stream & { request: Message };
  return (isMany ? stream.iterator({ destroyOnReturn: false }) : stream.request) as Message & AsyncIterable<Message>;
};

/** What grpc-js does not send, because nobody takes it any more, never drains. */
const untilDrained = (stream: Stream): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'cancelled', 'finish'] as const) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'cancelled', 'finish'] as const) stream.on(event, done);
  });

/** A call from its begin to its one end, whatever brings that. */
function begin(incoming: Incoming, { method }: Served, config: MethodConfig, { app, ...serving }: Serving) {
  const { metadata } = incoming;
  const correlationId = acceptCorrelationId(metadata.get(correlationHeader)[0]);
  const deadline = performance.now() + Number(incoming.getDeadline()) - Date.now();
  const call = new ServerCall(correlationId, { path: pathOf(method), metadata, deadline }, serving.leaving);
  const observed = config.quiet ? undefined : serving.observe(call, method);
  const active = observed?.context ?? ROOT_CONTEXT;

  /** @returns false where it has ended before. */
  const finish = (code: status, error?: unknown): boolean => {
    if (!call.isOpen) return false;
    if (isOwnFault(code) && error !== undefined) context.with(active, () => app.log.error({ err: error }));
    observed?.end(code, error);
    return true;
  };
  /** The handler has ended. */
  const end = (code: status, error?: unknown): boolean => {
    const isFirst = finish(code, error);
    if (isFirst) call.answered();
    return isFirst;
  };
  /** The handler goes on, for nobody. */
  const abandon = (code: status): boolean => {
    const isFirst = finish(code);
    if (isFirst) call.hangUp();
    return isFirst;
  };
  // It comes at the end of every call; before it, where the caller hangs up or its time is over.
  incoming.once('cancelled', () => abandon(call.timeLeft > 0 ? status.CANCELLED : status.DEADLINE_EXCEEDED));

  return {
    call,
    end,
    abandon,
    fail(error: unknown, answer: (problem: StatusObject) => void): void {
      const problem = statusOf(error, correlationId);
      if (end(problem.code, error)) answer(problem);
    },
    run: (work: () => Promise<void>) => void context.with(active, work),
    headers(): Metadata {
      const headers = new Metadata();
      headers.set(correlationHeader, correlationId);
      return headers;
    },
    async guard(): Promise<void> {
      for (const guard of serving.guards) await guard(call, config);
    },
  };
}
