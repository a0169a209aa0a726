import { type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import { service } from '../../identity.ts';
import { pathOf } from '../access-log.ts';

const tracer = trace.getTracer(service.name, service.version);

/** A server span by the semantic conventions for HTTP; the attributes go in at once, which is cheaper than one by one. */
export function startServerSpan(request: FastifyRequest, route: string | undefined, parent: Context): Span {
  const { method, url, headers } = request;
  return tracer.startSpan(
    route ? `${method} ${route}` : method,
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'url.path': pathOf(url),
        'url.scheme': 'http',
        'server.address': headers.host,
        'client.address': request.ip,
        'user_agent.original': headers['user-agent'],
      },
    },
    parent,
  );
}

/** 4xx is the caller's fault, so the span of a server stays without error (semantic conventions). */
export function endServerSpan(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) {
    span.setAttribute('error.type', String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
