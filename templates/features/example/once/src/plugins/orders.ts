import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { inMemoryOrders, type OrderRepository } from '../orders/order-repository.ts';

declare module 'fastify' {
  interface FastifyInstance {
    orders: OrderRepository;
  }
}

/** Chooses where orders are kept: whatever a plugin named `order-storage` decorated, else memory. */
export default fp(
  async (app: FastifyInstance) => {
    if (!app.hasDecorator('orders')) app.decorate('orders', inMemoryOrders());
  },
  { name: 'orders' },
);
