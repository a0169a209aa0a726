import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Consumer } from '../platform/events/consumer.ts';
import { isSubscription } from '../platform/events/subscription.ts';
import { importFolder } from '../platform/import-folder.ts';
import { root } from '../root.ts';
import eventSettings from '../settings/events.ts';

declare module 'fastify' {
  interface FastifyInstance {
    consumers: readonly Consumer[];
  }
}

/** Handles the events that files in src/events/ subscribe to. They begin when the service listens, and end before it closes. */
export default fp(
  async (app: FastifyInstance) => {
    const { ackWaitMs, retryDelayMs, drainMs } = eventSettings(app.env);
    const subscriptions = (await importFolder(join(root, 'events'))).filter(isSubscription);
    const consumers = subscriptions.map(
      (subscription) =>
        new Consumer({
          app,
          broker: app.broker,
          subscription,
          metrics: app.eventMetrics,
          ackWaitMs,
          retryDelayMs,
          drainMs,
        }),
    );
    app.decorate('consumers', consumers);
    if (consumers.length === 0) return;

    app.addHook('onListen', async () => {
      for (const consumer of consumers) consumer.start();
    });
    app.addHook('preClose', async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    });
    app.health.add(
      'subscriptions',
      async () => {
        const failed = consumers.filter(({ error }) => error);
        if (failed.length > 0)
          throw new Error(failed.map(({ name, error }) => `${name}: ${error?.message}`).join('; '));
      },
      { critical: false },
    );
  },
  { name: 'subscriptions', dependencies: ['outbox', 'postgres', 'broker', 'health'] },
);
