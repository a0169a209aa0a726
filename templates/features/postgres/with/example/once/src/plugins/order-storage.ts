import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { postgresOrders } from '../orders/postgres-orders.ts';

/** Orders are kept in Postgres, not in memory. */
export default fp(
  async (app: FastifyInstance) => {
    app.decorate('orders', postgresOrders(app.database));
  },
  { name: 'order-storage', dependencies: ['postgres'] },
);
