// The route of the example resource and nothing else: no log, no metric, no id. Copied into a generated service and run there.
import { fastify } from 'fastify';
import { id, order, request } from './bare-order.mjs';

const orders = new Map();
const app = fastify();
app.post('/v1/orders', { schema: { body: request, response: { 201: order } } }, async (received, reply) => {
  const placed = { id: crypto.randomUUID(), ...received.body, status: 'placed', placedAt: new Date().toISOString() };
  orders.set(placed.id, placed);
  return reply.code(201).send(placed);
});
app.get('/v1/orders/:id', { schema: { params: id, response: { 200: order } } }, async ({ params }) =>
  orders.get(params.id),
);
app.get(
  '/v1/orders',
  { schema: { response: { 200: { type: 'object', properties: { orders: { type: 'array', items: order } } } } } },
  async () => ({
    orders: [...orders.values()],
  }),
);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
