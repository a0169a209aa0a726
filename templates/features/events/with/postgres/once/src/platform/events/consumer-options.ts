import type { FastifyInstance } from 'fastify';
import type { Broker } from './broker.ts';
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
