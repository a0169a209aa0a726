import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Outcome } from './inbox.ts';

export interface EventGauges {
  /** What waits in the outbox: how many, and for how many seconds the first. */
  outbox(): Promise<{ count: number; seconds: number }>;
  subscriptions(): readonly { subject: string; isRunning: boolean; lag(): Promise<number> }[];
  deadLetters(): Promise<number>;
}

/** What events tell Prometheus. */
export class EventMetrics {
  readonly #sent: Counter;
  readonly #duration: Histogram;
  readonly #deadLettered: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#sent = new Counter({
      name: 'events_sent_total',
      help: 'Events that this process moved from the outbox to the broker',
      labelNames: ['subject'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'events_handling_duration_seconds',
      help: 'Time that an event took to handle, by outcome: handled, duplicate, early (comes again in its turn) or failed',
      labelNames: ['subject', 'outcome'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#deadLettered = new Counter({
      name: 'events_dead_lettered_total',
      help: 'Events that this process made dead letters',
      labelNames: ['subject'],
      registers,
    });
  }

  sent(subject: string): void {
    this.#sent.inc({ subject });
  }

  timer(subject: string): (outcome: Outcome | 'failed') => void {
    const end = this.#duration.startTimer({ subject });
    return (outcome) => void end({ outcome });
  }

  deadLettered(subject: string): void {
    this.#deadLettered.inc({ subject });
  }
}

/** Gauges are read when Prometheus asks; one that cannot be read says nothing, rather than an old value or an error. */
export function registerGauges(registry: Registry, read: EventGauges): void {
  const registers = [registry];
  const waiting = new Gauge({
    name: 'events_outbox_waiting',
    help: 'Events in the outbox that the broker has not stored yet; the same in every process',
    registers,
    async collect() {
      waiting.remove();
      age.remove();
      const outbox = await read.outbox().catch(() => undefined);
      if (!outbox) return;
      waiting.set(outbox.count);
      age.set(outbox.seconds);
    },
  });
  const age = new Gauge({
    name: 'events_outbox_age_seconds',
    help: 'For how long the first event in the outbox has waited',
    registers,
  });
  new Gauge({
    name: 'events_lag',
    help: 'Events that wait to be handled; the same in every process',
    labelNames: ['subject'],
    registers,
    async collect() {
      this.reset();
      // One that cannot be read hides no other.
      await Promise.allSettled(
        read.subscriptions().map(async (one) => this.set({ subject: one.subject }, await one.lag())),
      );
    },
  });
  new Gauge({
    name: 'events_subscription_running',
    help: 'Whether this process asks for the events of a subscription: 1 or 0',
    labelNames: ['subject'],
    registers,
    collect() {
      this.reset();
      for (const { subject, isRunning } of read.subscriptions()) this.set({ subject }, isRunning ? 1 : 0);
    },
  });
  const deadLetters = new Gauge({
    name: 'events_dead_letters',
    help: 'Dead letters of this service that wait for a person; the same in every process',
    registers,
    async collect() {
      deadLetters.remove();
      const count = await read.deadLetters().catch(() => undefined);
      if (count !== undefined) deadLetters.set(count);
    },
  });
}
