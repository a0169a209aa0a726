import type { Queries } from '../postgres/database.ts';
import type { Delivery } from './delivery.ts';
import { lastSequences } from './inbox.ts';
import type { Lane } from './lanes.ts';

export interface EarlyEventsOptions {
  database: Queries;
  consumer: string;
  /** The position up to which this consumer, in all replicas, has answered for everything. */
  answeredUpTo(): Promise<number>;
  /** The first of this lane can be handled now. */
  onTurn(lane: Lane<Delivery>): void;
}

const shortestMs = 5;
const longestMs = 200;
/** The broker is asked less often than the database: only for what is missing and will never come. */
const brokerMs = 50;

/** Events whose predecessor is still at work, here or in another replica. One query asks for all of them. */
export class EarlyEvents {
  readonly #options: EarlyEventsOptions;
  readonly #lanes = new Set<Lane<Delivery>>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs = shortestMs;
  #askedBrokerAt = 0;
  #isStopped = false;

  constructor(options: EarlyEventsOptions) {
    this.#options = options;
  }

  add(lane: Lane<Delivery>): void {
    this.#lanes.add(lane);
    this.#delayMs = shortestMs;
    this.#lookLater();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#isStopped || this.#timer || this.#lanes.size === 0) return;
    this.#timer = setTimeout(async () => {
      // Where the database or the broker does not answer, they are asked again.
      const isAny = await this.#look().catch(() => false);
      this.#delayMs = isAny ? shortestMs : Math.min(longestMs, this.#delayMs * 1.5);
      this.#timer = undefined;
      this.#lookLater();
    }, this.#delayMs);
  }

  async #look(): Promise<boolean> {
    const { database, consumer, answeredUpTo, onTurn } = this.#options;
    for (const lane of this.#lanes) if (lane.state !== 'paused') this.#lanes.delete(lane);
    const firsts = [...this.#lanes].flatMap((lane) => lane.waiting.slice(0, 1).map((first) => ({ lane, first })));
    if (firsts.length === 0) return false;
    const last = await lastSequences(
      database,
      consumer,
      firsts.map(({ first }) => first.key ?? ''),
    );
    const now = performance.now();
    const isToAsk = now - this.#askedBrokerAt > brokerMs;
    if (isToAsk) this.#askedBrokerAt = now;
    const floor = isToAsk ? await answeredUpTo() : 0;
    let isAny = false;
    for (const { lane, first } of firsts) {
      const isTurn = (last.get(first.key ?? '') ?? 0) >= first.follows;
      if (!isTurn && floor < first.position - 1) continue;
      first.mayFollowGap = !isTurn;
      this.#lanes.delete(lane);
      isAny = true;
      onTurn(lane);
    }
    return isAny;
  }
}
