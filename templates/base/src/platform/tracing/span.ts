import { type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';
import { service } from '../../identity.ts';

const tracer = trace.getTracer(service.name, service.version);

/** Runs work in a span of its own; an error is recorded on it and thrown on. */
export function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error as Error);
      span.setAttribute('error.type', error instanceof Error ? error.name : 'error');
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
