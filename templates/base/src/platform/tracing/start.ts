import { propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { service } from '../../identity.ts';
import type { Environment } from '../settings.ts';
import { watchOutgoingCalls } from './outgoing.ts';

export interface Tracing {
  /** Sends what is still waiting. */
  shutdown(): Promise<void>;
}

/**
 * Spans go to the OpenTelemetry collector named by OTEL_EXPORTER_OTLP_ENDPOINT; in development without one they are
 * printed as a tree; otherwise none are recorded. Trace context passes through in every case. The SDK is loaded only
 * where it is used, and all other OTEL_* variables of the specification are its own.
 */
export async function startTracing(env: Environment): Promise<Tracing> {
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  watchOutgoingCalls();
  if (env.OTEL_SDK_DISABLED === 'true') return none;
  const processor = await spanProcessor(env);
  if (!processor) return none;

  const [{ BasicTracerProvider }, { resourceFromAttributes, defaultResource }] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
  ]);
  const resource = defaultResource().merge(
    resourceFromAttributes({
      'service.name': env.OTEL_SERVICE_NAME ?? service.name,
      'service.version': service.version,
    }),
  );
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  // Two set-ups in one process break each other's traces: the one that was there (an agent, --require) wins.
  if (!trace.setGlobalTracerProvider(provider)) await provider.shutdown();
  return provider;
}

async function spanProcessor(env: Environment) {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) {
    const [{ BatchSpanProcessor }, { OTLPTraceExporter }] = await Promise.all([
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
    return new BatchSpanProcessor(new OTLPTraceExporter());
  }
  if (env.NODE_ENV === 'development' && process.stdout.isTTY) {
    const { SpanTree } = await import('./span-tree.ts');
    return new SpanTree((text) => process.stdout.write(text));
  }
  return undefined;
}

const none: Tracing = { shutdown: async () => {} };
