import { propagation } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { FastifyBaseLogger } from 'fastify';
import tracingSettings from '../../settings/tracing.ts';
import type { Environment } from '../settings.ts';
import { watchOutgoingCalls } from './outgoing.ts';

export interface Tracing {
  /** Where to say that the collector is away. */
  tell(log: FastifyBaseLogger): void;
  /** Sends what is still waiting. Takes two seconds at most and never rejects. */
  shutdown(): Promise<void>;
}

/**
 * Spans go where OTEL_TRACES_EXPORTER says; without it to the collector named by OTEL_EXPORTER_OTLP_ENDPOINT, or on a
 * developer's terminal without one as a tree; otherwise none are recorded. Trace context passes through in every case.
 * The SDK is loaded only where it is used.
 */
export async function startTracing(env: Environment): Promise<Tracing> {
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  watchOutgoingCalls();
  const { exporter } = tracingSettings(env);
  if (env.OTEL_SDK_DISABLED === 'true' || exporter === 'none') return nothing;

  const { record } = await import('./sdk.ts');
  const recording = record(exporter);
  if (recording) return recording;
  process.emitWarning(
    'OpenTelemetry already runs in this process (an agent?), so the set-up of this service stays off',
  );
  return nothing;
}

const nothing: Tracing = { tell: () => {}, shutdown: async () => {} };
