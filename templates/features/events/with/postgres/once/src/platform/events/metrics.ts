import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Outcome } from './inbox.ts';

export interface EventGauges {
  /** What is in the outbox: how many wait, for how many seconds the first, and how many are parked. */
  outbox(): Promise<{ waiting: number; seconds: number; parked: number }>;
  subscriptions(): readonly { subject: string; isRunning: boolean; lag(): Promise<number> }[];
  deadLetters(): Promise<number>;
}

/** What events tell Prometheus. */
export class EventMetrics {
  readonly #sent: Counter;
  readonly #parked: Counter;
  readonly #duration: Histogram;
  readonly #deadLettered: Counter;
  readonly #versionWaits: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#sent = new Counter({
      name: 'events_sent_total',
      help: 'Events that this process moved from the outbox to the broker',
      labelNames: ['subject'],
      registers,
    });
    this.#parked = new Counter({
      name: 'events_parked_total',
      help: 'Events that the broker refused for good, parked by this process',
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
    this.#versionWaits = new Counter({
      name: 'events_version_waits_total',
      help: 'Deliveries of events whose version this process does not know: they come again until one does',
      labelNames: ['subject'],
      registers,
    });
  }

  sent(subject: string): void {
    this.#sent.inc({ subject });
  }

  parked(subject: string): void {
    this.#parked.inc({ subject });
  }

  timer(subject: string): (outcome: Outcome | 'failed') => void {
    const end = this.#duration.startTimer({ subject });
    return (outcome) => void end({ outcome });
  }

  deadLettered(subject: string): void {
    this.#deadLettered.inc({ subject });
  }

  versionWaits(subject: string): void {
    this.#versionWaits.inc({ subject });
  }
}

/** Gauges are read when Prometheus asks; one that cannot be read says nothing, rather than an old value or an error. */
export function registerGauges(registry: Registry, read: EventGauges): void {
  const registers = [registry];
  const single = (name: string, help: string, value: () => Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.remove();
        const now = await value().catch(() => undefined);
        if (now !== undefined) this.set(now);
      },
    });
  };
  const outbox = shared(() => read.outbox());
  single(
    'events_outbox_waiting',
    'Events in the outbox that the broker has not stored yet; the same in every process',
    async () => (await outbox()).waiting,
  );
  single(
    'events_outbox_age_seconds',
    'For how long the first event in the outbox has waited',
    async () => (await outbox()).seconds,
  );
  single(
    'events_parked',
    'Events in the outbox that the broker refused for good and that wait for a person; the same in every process',
    async () => (await outbox()).parked,
  );
  single('events_dead_letters', 'Dead letters of this service that wait for a person; the same in every process', () =>
    read.deadLetters(),
  );
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
}

/** Asked again while it is under way, it asks once: Prometheus collects all gauges at the same time. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}
