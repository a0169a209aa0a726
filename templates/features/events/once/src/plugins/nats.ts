import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Broker } from '../platform/events/broker.ts';
import { openBroker } from '../platform/events/open-broker.ts';

declare module 'fastify' {
  interface FastifyInstance {
    broker: Broker;
  }
}

/** The connection to NATS. No request needs it, so the service is only degraded while it is away. */
export default fp(
  async (app: FastifyInstance) => {
    const broker = openBroker(app.env, app.log);
    app.decorate('broker', broker);
    app.addHook('onClose', () => broker.close());
    app.health.add(
      'nats',
      async () => {
        if (!broker.isConnected) throw new Error('not connected');
      },
      { critical: false },
    );
  },
  { name: 'nats', dependencies: ['health'] },
);
