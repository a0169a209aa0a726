// The route of the example resource with the same queries on bare pg: no log, no metric, no id. Copied into a generated service and run there.
import { fastify } from 'fastify';
import pg from 'pg';
import { id, order, request } from './bare-order.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(`create table if not exists orders (
  id uuid primary key, position bigint generated always as identity unique, customer_id text not null,
  items jsonb not null, status text not null, placed_at timestamptz not null)`);
const orderFrom = (row) => ({
  id: row.id,
  customerId: row.customer_id,
  items: row.items,
  status: row.status,
  placedAt: row.placed_at.toISOString(),
});

const app = fastify();
app.post('/v1/orders', { schema: { body: request, response: { 201: order } } }, async ({ body }, reply) => {
  const placed = { id: crypto.randomUUID(), ...body, status: 'placed', placedAt: new Date().toISOString() };
  await pool.query(
    `insert into orders (id, customer_id, items, status, placed_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set customer_id = $2, items = $3, status = $4, placed_at = $5`,
    [placed.id, placed.customerId, JSON.stringify(placed.items), placed.status, placed.placedAt],
  );
  return reply.code(201).send(placed);
});
app.get('/v1/orders/:id', { schema: { params: id, response: { 200: order } } }, async ({ params }) => {
  const { rows } = await pool.query('select * from orders where id = $1', [params.id]);
  return orderFrom(rows[0]);
});
app.get('/up', async () => ({}));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
