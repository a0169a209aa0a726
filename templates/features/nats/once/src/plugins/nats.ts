import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { openBroker } from '../platform/events/open-broker.ts';
import type { NatsBroker } from '../platform/nats/broker.ts';

declare module 'fastify' {
  interface FastifyInstance {
    broker: NatsBroker;
  }
}

/** The connection to NATS. No request needs it, so the service is only degraded while it is away. */
export default fp(
  async (app: FastifyInstance) => {
    const broker = openBroker(app.env, app.log);
    app.decorate('broker', broker);
    // A moment, so that a service that starts with its broker there is not degraded at first.
    await broker.connected(1_000).catch(() => app.log.warn('starting without NATS; events wait'));
    app.addHook('onClose', () => broker.close());
    app.health.add(
      'nats',
      async () => {
        if (!broker.isConnected) throw new Error('not connected');
      },
      { critical: false },
    );
  },
  { name: 'broker', dependencies: ['health'] },
);
