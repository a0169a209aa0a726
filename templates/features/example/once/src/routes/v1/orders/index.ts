import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { placeOrder } from '../../../orders/order.ts';
import { Problem, problems } from '../../../platform/problem.ts';
import { Order, OrderId, OrderList, OrderRequest, Page } from './schemas.ts';

/** /v1/orders: translates between HTTP and src/orders/, and decides nothing. */
const orderRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      schema: {
        operationId: 'placeOrder',
        summary: 'Place an order',
        tags: ['orders'],
        body: OrderRequest,
        response: { 201: Order, ...problems(400) },
      },
    },
    async (request, reply) => {
      const order = placeOrder(request.body, { id: randomUUID(), at: new Date() });
      await app.orders.save(order);
      return reply.code(201).header('location', `/v1/orders/${order.id}`).send(order);
    },
  );

  app.get(
    '/:id',
    {
      schema: {
        operationId: 'getOrder',
        summary: 'One order',
        tags: ['orders'],
        params: OrderId,
        response: { 200: Order, ...problems(400, 404) },
      },
    },
    async ({ params: { id } }) => {
      const order = await app.orders.find(id);
      if (!order) throw new Problem(404, 'order-not-found', 'There is no such order');
      return order;
    },
  );

  app.get(
    '',
    {
      schema: {
        operationId: 'listOrders',
        summary: 'Orders, oldest first',
        tags: ['orders'],
        querystring: Page,
        response: { 200: OrderList, ...problems(400) },
      },
    },
    async ({ query }) => ({ orders: await app.orders.list(query) }),
  );
};

export default orderRoutes;
