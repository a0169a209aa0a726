import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { FastifyBaseLogger } from 'fastify';
import { service } from '../../identity.ts';
import { SpanTree } from './span-tree.ts';
import type { Tracing } from './start.ts';
import { WatchedExporter } from './watched-exporter.ts';

/** Milliseconds that the last spans get: a collector that is away must not hold a shutdown up. */
const lastFlushMs = 2_000;

/**
 * Starts recording; sampler, endpoint, headers and batch sizes come from the OTEL_* variables, as does what they say of
 * the service itself.
 * @returns undefined where another set-up (an agent, --require) records already: two break each other's traces.
 */
export function record(to: 'otlp' | 'console'): Tracing | undefined {
  const collector = to === 'otlp' ? new WatchedExporter(new OTLPTraceExporter()) : undefined;
  const processor = collector ? new BatchSpanProcessor(collector) : new SpanTree((text) => process.stdout.write(text));
  const identity = { 'service.name': service.name, 'service.version': service.version };
  const resource = defaultResource()
    .merge(resourceFromAttributes(identity))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  if (!trace.setGlobalTracerProvider(provider)) return undefined;

  let log: FastifyBaseLogger | undefined;
  return {
    tell(given) {
      log = given;
      collector?.tell(given);
    },
    async shutdown() {
      const inTime = new AbortController();
      const sent = provider.shutdown().then(
        () => true,
        () => false,
      );
      const late = delay(lastFlushMs, false, { signal: inTime.signal }).catch(() => false);
      if (!(await Promise.race([sent, late]))) log?.warn('the last traces could not be sent');
      inTime.abort();
    },
  };
}
