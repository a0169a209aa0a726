import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { service } from '../../identity.ts';
import type { Environment } from '../settings.ts';

/** To a collector, over OTLP/HTTP; endpoint, headers and batch sizes come from the OTEL_* variables. */
export const toCollector = (): SpanProcessor => new BatchSpanProcessor(new OTLPTraceExporter());

/** Starts recording. @returns undefined where another set-up (an agent, --require) does already: two break each other's traces. */
export function record(processor: SpanProcessor, env: Environment): BasicTracerProvider | undefined {
  const identity = { 'service.name': env.OTEL_SERVICE_NAME ?? service.name, 'service.version': service.version };
  const resource = defaultResource().merge(resourceFromAttributes(identity));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  return trace.setGlobalTracerProvider(provider) ? provider : undefined;
}
