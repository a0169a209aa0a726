import { service } from '../../identity.ts';
import { Loop } from '../loop.ts';
import type { Deliveries, Queue, QueuedMessage } from './broker.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { Delivery } from './delivery.ts';
import { EarlyEvents } from './early-events.ts';
import { type Lane, Lanes } from './lanes.ts';

/** Its place among the events outlives every process. All replicas share it, and each event goes to one of them. */
export const consumerName = (subject: string): string => `${service.name}_${subject.replaceAll('.', '_')}`;

/** Milliseconds after which an event comes back for which there was no room behind one that has to wait. */
const noRoom = (): number => 5_000 * (0.5 + Math.random());

/**
 * Takes events of one subscription from the broker, and has a bounded number of them handled at a time. Events of one key
 * go one after the other; one that has to wait, for another try or for those before it, is kept here with its followers.
 */
export class Consumer {
  readonly name: string;
  readonly subject: string;
  readonly #options: ConsumerOptions;
  readonly #loop = new Loop(() => this.#receive());
  readonly #lanes = new Lanes<Delivery>();
  readonly #early: EarlyEvents;
  readonly #working = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stillHeld: NodeJS.Timeout | undefined;
  #queue: Queue | undefined;
  #deliveries: Deliveries | undefined;
  #error: Error | undefined;
  #isRunning = false;
  #wake: () => void = () => undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.subject = options.subscription.event.subject;
    this.name = consumerName(this.subject);
    this.#early = new EarlyEvents({
      database: options.app.database,
      consumer: this.name,
      answeredUpTo: async () => (this.#queue ? this.#queue.answeredUpTo() : 0),
      onTurn: (lane) => this.#resume(lane),
    });
  }

  /** Why no events arrive, or one of them can neither be handled nor be put aside; undefined where all is well. */
  get error(): Error | undefined {
    return this.#error ?? [...this.#lanes.held].find(({ error }) => error)?.error;
  }

  /** Events are asked for. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  start(): void {
    this.#loop.start();
    this.#stillHeld ??= setInterval(() => {
      for (const delivery of this.#lanes.held) delivery.working();
    }, this.#options.ackWaitMs / 3);
  }

  /** Takes no more, gives back what is not at work, and waits for the rest. */
  async stop(): Promise<void> {
    const ended = this.#loop.stop();
    this.#wake();
    this.#early.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#deliveries?.close();
    await ended;
    for (const delivery of this.#lanes.clear()) delivery.giveBack();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#options.drainMs);
    });
    await Promise.race([Promise.all(this.#working), timeout]);
    clearTimeout(timer);
    clearInterval(this.#stillHeld);
    this.#isRunning = false;
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
    const { subscription } = this.#options;
    const queue = await this.#openQueue();
    this.#queue = queue;
    const deliveries = await queue.take(subscription.concurrency * 2);
    this.#deliveries = deliveries;
    this.#error = undefined;
    this.#isRunning = true;
    // Not awaited: it resolves when the loop below has ended.
    if (this.#loop.isStopped) void deliveries.close();
    for await (const message of deliveries) {
      if (this.#loop.isStopped) message.nak();
      else this.#hold(message);
      while (this.#isBusy && !this.#loop.isStopped) await this.#change();
    }
    if (!this.#loop.isStopped) throw new Error('the consumer is gone');
  }

  /** What could begin now waits for what is at work. What has to wait anyway is no reason to take no more. */
  get #isBusy(): boolean {
    const { concurrency } = this.#options.subscription;
    const busy = this.#working.size + this.#lanes.ready;
    return busy > concurrency || (this.#lanes.isFull && busy > 0);
  }

  #hold(message: QueuedMessage): void {
    const delivery = new Delivery(message, { ...this.#options, consumer: this.name });
    if (this.#lanes.add(delivery)) this.#work();
    else message.nak(noRoom());
  }

  #work(): void {
    while (this.#working.size < this.#options.subscription.concurrency && !this.#loop.isStopped) {
      const lane = this.#lanes.take();
      if (!lane) return;
      const work = this.#handleFirst(lane).finally(() => {
        this.#working.delete(work);
        this.#work();
        this.#wake();
      });
      this.#working.add(work);
    }
  }

  async #handleFirst(lane: Lane<Delivery>): Promise<void> {
    const [delivery] = lane.waiting;
    const result = await delivery?.handle();
    if (!result || result === 'answered') return this.#lanes.done(lane);
    if (this.#loop.isStopped || this.#lanes.isFull) {
      this.#lanes.done(lane);
      if (this.#loop.isStopped) return delivery?.giveBack();
      return delivery?.giveBack(result === 'early' ? noRoom() : result.againMs);
    }
    this.#lanes.pause(lane);
    if (result === 'early') return this.#early.add(lane);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#resume(lane);
    }, result.againMs);
    this.#timers.add(timer);
  }

  #resume(lane: Lane<Delivery>): void {
    // One that belongs before the others may have come and woken it already.
    if (this.#loop.isStopped || lane.state !== 'paused' || lane.waiting.length === 0) return;
    this.#lanes.resume(lane);
    this.#work();
  }

  /** Only the loop that takes messages waits for it. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #openQueue(): Promise<Queue> {
    const { broker, subscription, ackWaitMs } = this.#options;
    const { event, from } = subscription;
    return broker.queue({ name: this.name, subject: event.subject, from, ackWaitMs });
  }
}
