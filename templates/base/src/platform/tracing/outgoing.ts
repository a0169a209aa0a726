import diagnostics from 'node:diagnostics_channel';
import { type Context, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { service } from '../../identity.ts';
import { pathOf } from '../access-log.ts';
import { correlationHeader, correlationId } from '../context.ts';
import { recordError } from './span.ts';

/** The parts of undici's request that its diagnostics channels hand out (documented in undici's DiagnosticsChannel.md). */
interface OutgoingRequest {
  origin: string | URL;
  method: string;
  path: string;
  /** `name: value` lines, or names and values in turn. */
  headers: string | readonly string[];
  addHeader(name: string, value: string): void;
}

const tracer = trace.getTracer(service.name, service.version);
const spans = new WeakMap<OutgoingRequest, Span>();
let watching = false;

/**
 * Every call by undici or the global `fetch` gets a client span, the trace context and the correlation id: the channels
 * tell of each request before it is sent, so no caller has to remember. Calls that belong to nothing get no span, as
 * in `withSpan`.
 */
export function watchOutgoingCalls(): void {
  if (watching) return;
  watching = true;
  diagnostics.subscribe('undici:request:create', (message) => start((message as { request: OutgoingRequest }).request));
  diagnostics.subscribe('undici:request:headers', (message) => {
    const { request, response } = message as { request: OutgoingRequest; response: { statusCode: number } };
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode < 400) return;
    span?.setAttribute('error.type', String(response.statusCode));
    span?.setStatus({ code: SpanStatusCode.ERROR });
  });
  diagnostics.subscribe('undici:request:trailers', (message) => end((message as { request: OutgoingRequest }).request));
  diagnostics.subscribe('undici:request:error', (message) => {
    const { request, error } = message as { request: OutgoingRequest; error: Error };
    const span = spans.get(request);
    if (span) recordError(span, error);
    end(request);
  });
}

function start(request: OutgoingRequest): void {
  const active = context.active();
  if (isTracingSuppressed(active)) return;
  if (!trace.getSpan(active)) {
    addHeaders(request, active);
    return;
  }
  const url = new URL(pathOf(request.path), request.origin);
  const span = tracer.startSpan(
    request.method,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': request.method,
        'server.address': url.hostname,
        'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
        'url.full': url.href,
      },
    },
    active,
  );
  spans.set(request, span);
  addHeaders(request, trace.setSpan(active, span));
}

/** A header that the caller set itself stays as it is. */
function addHeaders(request: OutgoingRequest, from: Context): void {
  const present = String(request.headers).toLowerCase();
  const add = (name: string, value: string) => {
    if (!present.includes(name)) request.addHeader(name, value);
  };
  propagation.inject(from, null, { set: (_carrier, name, value) => add(name, value) });
  const id = correlationId(from);
  if (id) add(correlationHeader, id);
}

function end(request: OutgoingRequest): void {
  spans.get(request)?.end();
  spans.delete(request);
}
