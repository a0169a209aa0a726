import { service } from '../../identity.ts';
import { Loop } from '../loop.ts';
import type { Deliveries, Queue, QueuedMessage } from './broker.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { Delivery } from './delivery.ts';

/** Its place among the events outlives every process. All replicas share it, and each event goes to one of them. */
export const consumerName = (subject: string): string => `${service.name}_${subject.replaceAll('.', '_')}`;

/** Takes events of one subscription from the broker, a bounded number at a time, and has each of them handled. */
export class Consumer {
  readonly name: string;
  readonly subject: string;
  readonly #options: ConsumerOptions;
  readonly #loop = new Loop(() => this.#receive());
  readonly #working = new Set<Promise<void>>();
  /** The last event of each key that is at work here; the next one waits for it. */
  readonly #lanes = new Map<string, Promise<void>>();
  #queue: Queue | undefined;
  #deliveries: Deliveries | undefined;
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
    this.#loop.start();
  }

  /** Takes no more, gives back what has not begun, and waits for the rest. */
  async stop(): Promise<void> {
    const ended = this.#loop.stop();
    await this.#deliveries?.close();
    await ended;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#options.drainMs);
    });
    await Promise.race([Promise.all(this.#working), timeout]);
    clearTimeout(timer);
  }

  /** Events that wait in the stream, and those that were delivered and not answered for. */
  async lag(): Promise<number> {
    return (this.#queue ?? (await this.#openQueue())).lag();
  }

  /** Until it is stopped, or something breaks. */
  async #receive(): Promise<number> {
    try {
      await this.#consume();
      return 0;
    } catch (error) {
      if (this.#loop.isStopped) return 0;
      if (!this.#error)
        this.#options.app.log.warn({ err: error, consumer: this.name }, 'events cannot be received yet');
      this.#isRunning = false;
      this.#queue = undefined;
      this.#error = error as Error;
      return 1_000;
    }
  }

  async #consume(): Promise<void> {
    const { concurrency } = this.#options.subscription;
    const queue = await this.#openQueue();
    this.#queue = queue;
    const deliveries = await queue.take(concurrency * 2);
    this.#deliveries = deliveries;
    this.#error = undefined;
    this.#isRunning = true;
    // Not awaited: it resolves when the loop below has ended.
    if (this.#loop.isStopped) void deliveries.close();
    for await (const message of deliveries) {
      while (this.#working.size >= concurrency && !this.#loop.isStopped) await Promise.race(this.#working);
      if (this.#loop.isStopped) message.nak();
      else this.#begin(message, queue);
    }
    if (!this.#loop.isStopped) throw new Error('the consumer is gone');
  }

  #begin(message: QueuedMessage, queue: Queue): void {
    const delivery = new Delivery(message, {
      ...this.#options,
      consumer: this.name,
      isNext: async () => (await queue.answeredUpTo()) >= message.position - 1,
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

  #openQueue(): Promise<Queue> {
    const { broker, subscription, ackWaitMs } = this.#options;
    const { event, from } = subscription;
    return broker.queue({ name: this.name, subject: event.subject, from, ackWaitMs });
  }
}
