import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { FastifyBaseLogger } from 'fastify';

/** Says once that the collector is away and once that it is back, not with every batch. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  #trouble: Error | undefined;
  #log: FastifyBaseLogger | undefined;

  constructor(exporter: SpanExporter) {
    this.#exporter = exporter;
  }

  /** Where to say it, from now on; also what there was to say before. */
  tell(log: FastifyBaseLogger): void {
    this.#log = log;
    if (this.#trouble) this.#tellTrouble();
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) this.#sent();
      else this.#failed(result.error ?? new Error('no reason was given'));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  #sent(): void {
    if (this.#trouble) this.#log?.info('traces are sent again');
    this.#trouble = undefined;
  }

  #failed(error: Error): void {
    const isNew = !this.#trouble;
    this.#trouble = error;
    if (isNew) this.#tellTrouble();
  }

  #tellTrouble(): void {
    this.#log?.warn({ err: this.#trouble }, 'traces cannot be sent: the collector does not take them');
  }
}
