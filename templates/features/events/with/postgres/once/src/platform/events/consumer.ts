import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type Consumer as JetStreamConsumer,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { FastifyInstance } from 'fastify';
import { service } from '../../identity.ts';
import type { Broker } from './broker.ts';
import { Delivery } from './delivery.ts';
import type { EventMetrics } from './metrics.ts';
import type { Subscription } from './subscription.ts';

export interface ConsumerOptions {
  app: FastifyInstance;
  broker: Broker;
  subscription: Subscription;
  metrics: EventMetrics;
  /** Milliseconds after which an event that nobody answered for is delivered again. */
  ackWaitMs: number;
  /** Milliseconds before the first retry; each further one waits twice as long. */
  retryDelayMs: number;
  /** Milliseconds that a shutdown waits for the events at work. */
  drainMs: number;
}

/** More than this many unanswered events, and the server waits: it also bounds what one stuck key can hold up. */
const maxAckPending = 1_000;

/** Durable: its place in the stream outlives every process. All replicas share it, and each event goes to one of them. */
export const consumerName = (subject: string): string => `${service.name}_${subject.replaceAll('.', '_')}`;

/** Takes events of one subscription from JetStream, a bounded number at a time, and has each of them handled. */
export class Consumer {
  readonly name: string;
  readonly subject: string;
  readonly #options: ConsumerOptions;
  readonly #stop = new AbortController();
  readonly #working = new Set<Promise<void>>();
  /** The last event of each key that is at work here; the next one waits for it. */
  readonly #lanes = new Map<string, Promise<void>>();
  #messages: ConsumerMessages | undefined;
  #running: Promise<void> | undefined;
  #error: Error | undefined;
  #isRunning = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.subject = options.subscription.event.subject;
    this.name = consumerName(this.subject);
  }

  /** Why no events arrive; undefined where they do. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Events are asked for. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes no more, gives back what has not begun, and waits for the rest. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#messages?.close();
    await this.#running;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#options.drainMs);
    });
    await Promise.race([Promise.all(this.#working), timeout]);
    clearTimeout(timer);
  }

  /** Events that wait in the stream, and those that were delivered and not answered for. */
  async lag(): Promise<number> {
    const consumer = await this.#consumer();
    const { num_pending, num_ack_pending } = await consumer.info();
    return num_pending + num_ack_pending;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#consume();
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#error)
          this.#options.app.log.warn({ err: error, consumer: this.name }, 'events cannot be received yet');
        this.#isRunning = false;
        this.#error = error as Error;
        await pause(1_000, signal);
      }
    }
  }

  async #consume(): Promise<void> {
    const { concurrency } = this.#options.subscription;
    const consumer = await this.#consumer();
    const messages = await consumer.consume({ max_messages: concurrency * 2, abort_on_missing_resource: true });
    this.#messages = messages;
    this.#error = undefined;
    this.#isRunning = true;
    // Not awaited: it resolves when the loop below has ended.
    if (this.#stop.signal.aborted) void messages.close();
    for await (const message of messages) {
      while (this.#working.size >= concurrency && !this.#stop.signal.aborted) await Promise.race(this.#working);
      if (this.#stop.signal.aborted) message.nak();
      else this.#begin(message, consumer);
    }
    if (!this.#stop.signal.aborted) throw new Error('the consumer is gone');
  }

  #begin(message: JsMsg, consumer: JetStreamConsumer): void {
    const delivery = new Delivery(message, {
      ...this.#options,
      consumer: this.name,
      isNext: () => isNext(consumer, message.seq),
    });
    const { lane } = delivery;
    const before = (lane !== undefined && this.#lanes.get(lane)) || Promise.resolve();
    const stillWorking = setInterval(() => message.working(), this.#options.ackWaitMs / 3);
    const work = before
      .then(() => delivery.handle())
      .catch((error) =>
        this.#options.app.log.error(
          { err: error, consumer: this.name },
          'an event was left unanswered; it comes again',
        ),
      )
      .finally(() => {
        clearInterval(stillWorking);
        this.#working.delete(work);
        if (lane !== undefined && this.#lanes.get(lane) === work) this.#lanes.delete(lane);
      });
    this.#working.add(work);
    if (lane !== undefined) this.#lanes.set(lane, work);
  }

  async #consumer(): Promise<JetStreamConsumer> {
    const { broker, subscription, ackWaitMs } = this.#options;
    const { subject } = subscription.event;
    const stream = await broker.stream(subject);
    const { consumers } = await broker.manager();
    const changeable = {
      filter_subject: subject,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      // No limit at the server: it would drop an event whose last attempt killed the process. Attempts are counted in
      // the database, and the last one ends in a dead letter.
      max_deliver: -1,
    };
    await consumers.add(stream, {
      durable_name: this.name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: subscription.from === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
      ...changeable,
    });
    return (await broker.jetstream()).consumers.get(stream, this.name);
  }
}

/**
 * Whether this consumer has answered for everything before `sequence`: then an event that seems to be missing before it
 * was removed from the stream, or never was in it.
 */
async function isNext(consumer: JetStreamConsumer, sequence: number): Promise<boolean> {
  const { ack_floor } = await consumer.info();
  return ack_floor.stream_seq >= sequence - 1;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
