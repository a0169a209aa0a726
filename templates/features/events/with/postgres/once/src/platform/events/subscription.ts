import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Queries } from '../postgres/database.ts';
import type { EventType, Received } from './event.ts';

/** What a handler works with besides the event. */
export interface Work {
  /**
   * The transaction that also records the event as handled: what is written here happens once, however often the event
   * arrives. A call to another service is not part of it: send `event.id` as its idempotency key.
   */
  tx: Queries;
  app: FastifyInstance;
  log: FastifyBaseLogger;
}

export interface SubscriptionOptions {
  /** Events that are handled side by side; those of one key never are. */
  concurrency: number;
  /** Attempts before the event becomes a dead letter. */
  maxDeliver: number;
  /** Whether the first start reads all that the stream keeps, or only what comes from then on. */
  from: 'all' | 'new';
}

/** Found by folder: the default export of a file in src/events/. */
export interface Subscription extends SubscriptionOptions {
  event: EventType;
  handle(event: Received, work: Work): Promise<void>;
}

/** Handles an event: `handle` returns and it counts as handled; it throws and the event comes again, later and later. */
export function subscribe<Data>(
  event: EventType<Data>,
  handle: (event: Received<Data>, work: Work) => Promise<void>,
  options: Partial<SubscriptionOptions> = {},
): Subscription {
  return { concurrency: 10, maxDeliver: 10, from: 'all', ...options, event, handle: handle as Subscription['handle'] };
}

export const isSubscription = (value: unknown): value is Subscription =>
  typeof (value as Subscription | null | undefined)?.handle === 'function';
