import type { Headers, Message } from './cloud-event.ts';

/** All that events ask of a broker. What it is, only `open-broker.ts` and its own folder in src/platform/ know. */
export interface Broker {
  readonly isConnected: boolean;
  /** @throws where there is no connection in that time. */
  connected(timeoutMs: number): Promise<void>;
  /**
   * Resolves when the broker has stored the message. The same id twice, within two minutes, is stored once.
   * @throws Refused where this message will never be stored; anything else may pass.
   */
  publish(message: Message, timeoutMs?: number): Promise<void>;
  /** The place of a consumer among the events of a subject, which outlives every process; made where there is none. */
  queue(place: QueuePlace): Promise<Queue>;
  /** What is kept for a subject, the oldest first. `orders.>` are all subjects below `orders`. */
  read(subject: string): AsyncIterable<StoredMessage>;
  count(subject: string): Promise<number>;
  /** @param position as it was read */
  remove(subject: string, position: number): Promise<void>;
  /** Sends what is waiting and closes. */
  close(): Promise<void>;
}

/** The broker does not take this message, however often it is sent: too large, or no message at all. */
export class Refused extends Error {
  override name = 'Refused';
}

export interface StoredMessage {
  subject: string;
  /** Grows with every message that is stored. */
  position: number;
  storedAt: Date;
  headers: Headers;
  data: string;
}

export interface QueuePlace {
  /** Replicas of one name share the messages. */
  name: string;
  subject: string;
  /** Where a new one begins. */
  from: 'all' | 'new';
  /** Milliseconds after which a message that nobody answered for is delivered again. */
  ackWaitMs: number;
}

export interface Queue {
  /** Messages as they come, at most `limit` ahead. Ends when it is closed, throws where the queue is gone. */
  take(limit: number): Promise<Deliveries>;
  /** Messages that wait, and those that were delivered and not answered for. */
  lag(): Promise<number>;
  /** The position up to which all messages are answered for. */
  answeredUpTo(): Promise<number>;
}

export interface Deliveries extends AsyncIterable<QueuedMessage> {
  close(): Promise<unknown>;
}

/** A message to answer for: by `ack`, `nak` or `term`. */
export interface QueuedMessage extends Omit<StoredMessage, 'storedAt'> {
  isRedelivered: boolean;
  ack(): void;
  /** Gives it back: it comes again, at once or after so many milliseconds. */
  nak(delayMs?: number): void;
  /** It never comes again. */
  term(reason: string): void;
  /** Asks for more time. */
  working(): void;
}
