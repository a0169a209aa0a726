import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { DestinationStream } from 'pino';
import { requestLine } from './access-log.ts';
import { correlationHeader, patienceHeader, withWork } from './context.ts';
import { OpenRequest } from './open-request.ts';
import { endServerSpan, startServerSpan } from './tracing/server-span.ts';
import { recordError } from './tracing/span.ts';

/** What proxies call a request whose caller hung up before the answer. */
const hungUp = 499;

export interface EndedRequest {
  method: string;
  route: string | undefined;
  status: number;
  /** Milliseconds since it came in. */
  elapsed: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Called at the end of every request that is not quiet: answered or, with status 499, left by its caller. */
    onRequestEnd: (listener: (ended: EndedRequest) => void) => void;
    /** Where the one line of each request goes; undefined where none is wanted. */
    requestLines: DestinationStream | undefined;
  }
  interface FastifyRequest {
    /** Span, correlation id and who waits. */
    context: Context;
    observed: Observed | undefined;
  }
  interface FastifyContextConfig {
    /** For probes and scrapers: no span, no log line, no metric. */
    quiet?: boolean;
    /** What it is called in logs, traces and metrics, where one route of Fastify serves many. */
    routeOf?: (request: FastifyRequest) => string | undefined;
    /** Open to everybody, where a feature asks callers who they are. */
    public?: true;
  }
}

interface Observed {
  open: OpenRequest;
  span: Span;
  route: string | undefined;
}

/**
 * Gives every request a span, a correlation id (`request.id`) and one log line, by plain hooks: an instrumentation that
 * wraps every handler costs about twice as much and tells no more.
 */
export default fp(
  async (app: FastifyInstance, { lines }: { lines: DestinationStream | undefined }) => {
    const listeners: ((ended: EndedRequest) => void)[] = [];
    app.decorate('onRequestEnd', (listener) => void listeners.push(listener));
    app.decorate('requestLines', lines);
    app.decorateRequest('context', null as unknown as Context);
    app.decorateRequest('observed', undefined);

    app.addHook('onRequest', (request, reply, done) => {
      reply.header(correlationHeader, request.id);
      const { config, url } = request.routeOptions;
      if (config.quiet) {
        request.context = ROOT_CONTEXT;
        return done();
      }

      const route = config.routeOf ? config.routeOf(request) : url;
      const { headers } = request;
      const open = new OpenRequest(request.id, headers[patienceHeader]);
      const remote = headers.traceparent ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT;
      const parent = withWork(remote, open);
      const span = startServerSpan(request, route, parent);
      request.observed = { open, span, route };
      request.context = trace.setSpan(parent, span);
      // Fastify's onRequestAbort does not tell of requests with a body.
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) end(request, reply, hungUp);
      });
      context.with(request.context, done);
    });

    // A body arrives in callbacks of the connection, which know nothing of the request: step back into its context.
    app.addHook('preValidation', (request, _reply, done) => {
      if (request.method === 'GET') done();
      else context.with(request.context, done);
    });

    app.addHook('onError', (request, _reply, error, done) => {
      const { open, span } = request.observed ?? {};
      if (span && open?.isOpen && (error.statusCode ?? 500) >= 500) recordError(span, error);
      done();
    });

    // A client that kept its connection to a leaving pod would meet a closed one with its next request. Asked as late as
    // can be: the signal may have come after the request.
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (app.lifecycle.phase === 'draining') reply.header('connection', 'close');
      done();
    });

    app.addHook('onResponse', (request, reply, done) => {
      end(request, reply, reply.statusCode);
      done();
    });

    function end(request: FastifyRequest, reply: FastifyReply, status: number): void {
      // It is not there where nothing became a request: for a URL that cannot be decoded.
      if (!request.observed?.open.isOpen) return;
      const { open, span, route } = request.observed;
      const ended = { method: request.method, route, status, elapsed: reply.elapsedTime };
      endServerSpan(span, status);
      const ids = span.spanContext();
      lines?.write(requestLine(request, ended, isSpanContextValid(ids) ? ids : undefined));
      for (const listener of listeners) listener(ended);
      if (status === hungUp) open.hangUp();
      else open.answered();
    }
  },
  { name: 'requests' },
);
