import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the sagas of this process tell Prometheus. */
export class SagaMetrics {
  readonly #attempts: Counter;
  readonly #ended: Histogram;
  readonly #running: Gauge;
  readonly #takeovers: Counter;
  readonly #waiting: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#attempts = new Counter({
      name: 'saga_attempts_total',
      help: 'Attempts at actions and compensations',
      labelNames: ['saga', 'step', 'outcome'],
      registers,
    });
    this.#ended = new Histogram({
      name: 'saga_duration_seconds',
      help: 'Time from the start of a saga to its end, by outcome',
      labelNames: ['saga', 'outcome'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
      registers,
    });
    this.#running = new Gauge({
      name: 'saga_running',
      help: 'Sagas that this process is running',
      labelNames: ['saga'],
      registers,
    });
    this.#takeovers = new Counter({
      name: 'saga_takeovers_total',
      help: 'Sagas taken over from dead processes',
      labelNames: ['saga'],
      registers,
    });
    this.#waiting = new Gauge({
      name: 'saga_waiting',
      help: 'Sagas that wait for a person (stuck) or for a process of their version (stranded); the same in every process',
      labelNames: ['saga', 'reason'],
      registers,
    });
  }

  attempted({ saga, step }: { saga: string; step: string }, outcome: 'ok' | 'retried' | 'failed'): void {
    this.#attempts.inc({ saga, step, outcome });
  }

  started(saga: string): void {
    this.#running.inc({ saga });
  }

  ended(saga: string, outcome: string | undefined, seconds: number): void {
    this.#running.dec({ saga });
    if (outcome) this.#ended.observe({ saga, outcome }, seconds);
  }

  takenOver(saga: string): void {
    this.#takeovers.inc({ saga });
  }

  /** One entry a saga that waits. */
  waiting(sagas: readonly { saga: string; reason: 'stuck' | 'stranded' }[]): void {
    this.#waiting.reset();
    for (const { saga, reason } of sagas) this.#waiting.inc({ saga, reason });
  }
}
