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

const hour = 60 * 60_000;

/** Handles the events that files in src/events/ subscribe to. They begin when the service listens, and end before it closes. */
export default fp(
  async (app: FastifyInstance) => {
    const { ackWaitMs, retryDelayMs, drainMs, rememberDays } = eventSettings(app.env);
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

    const forget = setInterval(() => {
      app.database
        .query("delete from inbox where handled_at < now() - $1 * interval '1 day'", [rememberDays])
        .catch((error) => app.log.warn({ err: error }, 'old events could not be forgotten'));
    }, hour);
    forget.unref();
    app.addHook('onClose', async () => clearInterval(forget));
  },
  { name: 'subscriptions', dependencies: ['outbox', 'postgres', 'nats', 'health'] },
);
