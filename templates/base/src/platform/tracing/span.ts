import { type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';
import { service } from '../../identity.ts';
import { errorFacts } from '../redact.ts';

const tracer = trace.getTracer(service.name, service.version);

/** Runs work in a span of its own; an error is recorded on it and thrown on. */
export function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Records an error on a span, without what a driver hung on it. */
export function failSpan(span: Span, error: unknown): void {
  const { type, message, stack } = errorFacts(error instanceof Error ? error : new Error(String(error)));
  span.recordException({ name: type, message, ...(stack ? { stack } : {}) });
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
