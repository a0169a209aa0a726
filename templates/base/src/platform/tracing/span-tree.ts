import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Prints each finished trace as a tree: the collector of a developer who has none. */
export class SpanTree implements SpanProcessor {
  readonly #print: (text: string) => void;
  readonly #traces = new Map<string, ReadableSpan[]>();

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId } = span.spanContext();
    const spans = this.#traces.get(traceId) ?? [];
    spans.push(span);
    this.#traces.set(traceId, spans);
    if (span.parentSpanContext && !span.parentSpanContext.isRemote) return;
    this.#traces.delete(traceId);
    this.#print(formatTree(span, spans));
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

/** One line a span: `├ POST /v1/orders 201 12.3 ms`. */
export function formatTree(root: ReadableSpan, spans: readonly ReadableSpan[]): string {
  const lines: string[] = [];
  const visit = (span: ReadableSpan, indent: string) => {
    lines.push(`${indent}${formatSpan(span)}`);
    for (const child of spans) {
      if (child.parentSpanContext?.spanId === span.spanContext().spanId) visit(child, `${indent}  `);
    }
  };
  visit(root, '');
  return `${lines.join('\n')}\n`;
}

function formatSpan({ name, kind, attributes, status, duration: [seconds, nanoseconds] }: ReadableSpan): string {
  const milliseconds = (seconds * 1e3 + nanoseconds / 1e6).toFixed(1);
  const code = attributes['http.response.status_code'] ?? '';
  const failed = status.code === SpanStatusCode.ERROR ? ` ✗ ${status.message ?? attributes['error.type'] ?? ''}` : '';
  const arrow = { [SpanKind.SERVER]: '▶ ', [SpanKind.CLIENT]: '→ ' }[kind as number] ?? '· ';
  return `${arrow}${name} ${code} ${milliseconds} ms${failed}`.replace(/ {2,}/g, ' ');
}
