import type { SpanContext } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { service } from '../identity.ts';

const identity = `"service":${JSON.stringify(service.name)},"version":${JSON.stringify(service.version)}`;

/**
 * The one line of a request, in the shape of the application log. It is put together by hand and does not go through
 * pino, because every request pays for it. Whatever a caller chose is escaped, and nothing secret is in it: no query,
 * no header.
 */
export function requestLine(request: FastifyRequest, reply: FastifyReply, span: SpanContext | undefined): string {
  const { id, method, routeOptions } = request;
  const ids = span ? `"trace_id":"${span.traceId}","span_id":"${span.spanId}",` : '';
  const route = routeOptions.url ? `"route":${JSON.stringify(routeOptions.url)},` : '';
  return (
    `{"level":"info","time":"${new Date().toISOString()}",${identity},${ids}"correlation_id":"${id}",` +
    `"method":"${method}",${route}"path":${JSON.stringify(pathOf(request.url))},` +
    `"status":${reply.statusCode},"duration_ms":${reply.elapsedTime.toFixed(3)},"msg":"request"}\n`
  );
}

/** A query may hold what nobody should log. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
