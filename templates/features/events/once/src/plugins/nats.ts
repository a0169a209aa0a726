import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { service } from '../identity.ts';
import { Broker } from '../platform/events/broker.ts';
import natsSettings from '../settings/nats.ts';

declare module 'fastify' {
  interface FastifyInstance {
    broker: Broker;
  }
}

/** The connection to NATS. No request needs it, so the service is only degraded while it is away. */
export default fp(
  async (app: FastifyInstance) => {
    const { servers, user, password, token, replicas, keepDays } = natsSettings(app.env);
    const broker = new Broker({
      servers: servers.split(',').map((server) => server.trim()),
      name: service.name,
      credentials: token ? { token } : user ? { user, pass: password } : undefined,
      replicas,
      keepDays,
      log: app.log,
    });
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
