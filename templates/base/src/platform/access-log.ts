import type { SpanContext } from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import { service } from '../identity.ts';
import type { EndedRequest } from './requests.ts';

const identity = `"service":${JSON.stringify(service.name)},"version":${JSON.stringify(service.version)}`;

/**
 * The one line of a request, in the shape of the application log. It is put together by hand and does not go through
 * pino, because every request pays for it. Whatever a caller chose is escaped, and nothing secret is in it: no query,
 * no header. Status 499: the caller hung up.
 */
export function requestLine(
  { id, url }: FastifyRequest,
  { method, route, status, elapsed }: EndedRequest,
  span: SpanContext | undefined,
): string {
  const template = route ? `"route":${JSON.stringify(route)},` : '';
  return (
    `${lineStart(id, span)}` +
    `"method":"${method}",${template}"path":${JSON.stringify(pathOf(url))},` +
    `"status":${status},"duration_ms":${elapsed.toFixed(3)},"msg":"request"}\n`
  );
}

/** How the line of a request begins, however it came in: when, here, and whose it is. */
export function lineStart(correlationId: string, span: SpanContext | undefined): string {
  const ids = span ? `"trace_id":"${span.traceId}","span_id":"${span.spanId}",` : '';
  return `{"level":"info","time":"${isoNow()}",${identity},${ids}"correlation_id":"${correlationId}",`;
}

let lastMs = 0;
let lastText = '';

/** Many requests end in the same millisecond. */
function isoNow(): string {
  const now = Date.now();
  if (now !== lastMs) lastText = new Date(now).toISOString();
  lastMs = now;
  return lastText;
}

/** A query may hold what nobody should log. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
