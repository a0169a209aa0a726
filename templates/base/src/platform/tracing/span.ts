import { INVALID_SPAN_CONTEXT, type Span, SpanKind, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';
import { service } from '../../identity.ts';
import { errorFacts } from '../redact.ts';

const tracer = trace.getTracer(service.name, service.version);

const noSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/**
 * Runs work in a span of its own; an error is recorded on it and thrown on. A call (`SpanKind.CLIENT`) that belongs to
 * nothing gets none: it is a poll or a health check, and nobody wants a trace of each.
 */
export function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  if (options.kind === SpanKind.CLIENT && !trace.getActiveSpan()) return work(noSpan);
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span as failed, with what may be told of the error. */
export function recordError(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const { type, message, stack } = errorFacts(error instanceof Error ? error : new Error(String(error)));
  span.recordException({ name: type, message, ...(stack ? { stack } : {}) });
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
