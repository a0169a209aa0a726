import { propagation } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Environment } from '../settings.ts';
import { watchOutgoingCalls } from './outgoing.ts';

export interface Tracing {
  /** Sends what is still waiting. */
  shutdown(): Promise<void>;
}

/**
 * Spans go to the OpenTelemetry collector named by OTEL_EXPORTER_OTLP_ENDPOINT; on a developer's terminal without one
 * they are printed as a tree; otherwise none are recorded. Trace context passes through in every case. The SDK is
 * loaded only where it is used.
 */
export async function startTracing(env: Environment): Promise<Tracing> {
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  watchOutgoingCalls();
  const hasCollector = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const hasReader = env.NODE_ENV === 'development' && process.stdout.isTTY;
  if (env.OTEL_SDK_DISABLED === 'true' || !(hasCollector || hasReader)) return nothing;

  const { record, toCollector } = await import('./sdk.ts');
  const processor = hasCollector ? toCollector() : await toTerminal();
  const recording = record(processor, env);
  if (recording) return recording;
  process.emitWarning(
    'OpenTelemetry already runs in this process (an agent?), so the set-up of this service stays off',
  );
  return nothing;
}

async function toTerminal() {
  const { SpanTree } = await import('./span-tree.ts');
  return new SpanTree((text) => process.stdout.write(text));
}

const nothing: Tracing = { shutdown: async () => {} };
