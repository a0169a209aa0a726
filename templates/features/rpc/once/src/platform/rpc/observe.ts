import type { DescMethod } from '@bufbuild/protobuf';
import { type Metadata, status } from '@grpc/grpc-js';
import {
  type Context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { Histogram } from 'prom-client';
import { service } from '../../identity.ts';
import { lineStart } from '../access-log.ts';
import { withWork } from '../context.ts';
import { recordError } from '../tracing/span.ts';
import type { ServerCall } from './call.ts';

const tracer = trace.getTracer(service.name, service.version);

/** Statuses that say that this service failed; any other is the caller's (semantic conventions for gRPC servers). */
const ownFaults: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

export const isOwnFault = (code: status): boolean => ownFaults.has(code);

export interface Observed {
  /** With the span, the correlation id and who waits. */
  context: Context;
  end(code: status, error?: unknown): void;
}

export type Observe = (call: ServerCall, method: DescMethod) => Observed;

/** Gives every call a span, one log line and its place in the metrics, as requests over HTTP have. */
export function observer({ metrics, requestLines }: FastifyInstance): Observe {
  const duration = new Histogram({
    name: 'rpc_server_call_duration_seconds',
    help: 'Time from the begin of a call to its status; of a stream, to its end',
    labelNames: ['rpc_service', 'rpc_method', 'rpc_grpc_status_code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });

  return (call, method) => {
    const started = performance.now();
    const parent = withWork(remoteContext(call.metadata), call);
    const span = startSpan(method, parent);
    return {
      context: trace.setSpan(parent, span),
      end(code, error) {
        const elapsed = performance.now() - started;
        endSpan(span, code, error);
        requestLines?.write(callLine(call, method, code, elapsed, span));
        duration.observe(
          { rpc_service: method.parent.typeName, rpc_method: method.name, rpc_grpc_status_code: code },
          elapsed / 1_000,
        );
      },
    };
  };
}

function remoteContext(metadata: Metadata): Context {
  if (metadata.get('traceparent').length === 0) return ROOT_CONTEXT;
  return propagation.extract(ROOT_CONTEXT, metadata, {
    get: (carrier, key) => carrier.get(key).map(String),
    keys: (carrier) => Object.keys(carrier.getMap()),
  });
}

const startSpan = ({ parent, name }: DescMethod, from: Context): Span =>
  tracer.startSpan(
    `${parent.typeName}/${name}`,
    {
      kind: SpanKind.SERVER,
      attributes: { 'rpc.system': 'grpc', 'rpc.service': parent.typeName, 'rpc.method': name },
    },
    from,
  );

function endSpan(span: Span, code: status, error: unknown): void {
  span.setAttribute('rpc.grpc.status_code', code);
  if (isOwnFault(code)) {
    if (error !== undefined) recordError(span, error);
    span.setAttribute('error.type', status[code] ?? String(code));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function callLine(
  { correlationId }: ServerCall,
  method: DescMethod,
  code: status,
  elapsed: number,
  span: Span,
): string {
  const ids = span.spanContext();
  return (
    `${lineStart(correlationId, isSpanContextValid(ids) ? ids : undefined)}` +
    `"rpc_service":"${method.parent.typeName}","rpc_method":"${method.name}","rpc_status":"${status[code] ?? code}",` +
    `"duration_ms":${elapsed.toFixed(3)},"msg":"call"}\n`
  );
}
