import { type Context, context, isSpanContextValid, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { DestinationStream } from 'pino';
import { pathOf, requestLine } from './access-log.ts';
import { correlationHeader, withCorrelationId } from './context.ts';
import { endServerSpan, startServerSpan } from './tracing/server-span.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Span and correlation id of this request. */
    context: Context;
  }
  interface FastifyContextConfig {
    /** For probes and scrapers: no span, no log line, no metric. */
    quiet?: boolean;
  }
}

/**
 * Gives every request a span, a correlation id (`request.id`) and one log line, by plain hooks: an instrumentation that
 * wraps every handler costs about twice as much and tells no more.
 */
export default fp(
  async (app: FastifyInstance, { lines }: { lines: DestinationStream | undefined }) => {
    app.decorateRequest('context', null as unknown as Context);

    app.addHook('onRequest', (request, reply, done) => {
      reply.header(correlationHeader, request.id);
      if (request.routeOptions.config.quiet) {
        request.context = ROOT_CONTEXT;
        return done();
      }

      const { headers } = request;
      const remote = headers.traceparent ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT;
      const parent = withCorrelationId(remote, request.id);
      request.context = trace.setSpan(parent, startServerSpan(request, parent));
      context.with(request.context, done);
    });

    // The body arrives in callbacks of the connection, which know nothing of the request: step back into its context.
    app.addHook('preValidation', (request, _reply, done) => context.with(request.context, done));

    app.addHook('onError', (request, _reply, error, done) => {
      trace.getSpan(request.context)?.recordException(error);
      done();
    });

    // A client that kept its connection to a leaving pod would meet a closed one with its next request. Asked as late as
    // can be: the signal may have come after the request.
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (app.lifecycle.phase === 'draining') reply.header('connection', 'close');
      done();
    });

    app.addHook('onResponse', (request, reply, done) => {
      // Without a context where it never became a request: a URL that cannot be decoded.
      const span = request.context && trace.getSpan(request.context);
      if (span) {
        endServerSpan(span, reply.statusCode);
        const ids = span.spanContext();
        lines?.write(requestLine(request, reply, isSpanContextValid(ids) ? ids : undefined));
      }
      done();
    });

    // There is no response then, and none will follow. 499 is what proxies call it.
    app.addHook('onRequestAbort', (request, done) => {
      const { method, url, routeOptions, context: aborted } = request;
      const span = trace.getSpan(aborted);
      if (span) {
        request.context = ROOT_CONTEXT;
        endServerSpan(span, 499);
        const details = { method, route: routeOptions.url, path: pathOf(url), status: 499 };
        context.with(aborted, () => request.log.info(details, 'request: the caller hung up'));
      }
      done();
    });
  },
  { name: 'requests' },
);
