import type { Queries } from '../platform/postgres/database.ts';
import type { Order, OrderItem } from './order.ts';
import type { OrderRepository } from './order-repository.ts';

interface Row {
  id: string;
  customer_id: string;
  items: OrderItem[];
  status: 'placed';
  placed_at: Date;
}

/** Orders in Postgres: whoever holds a transaction may pass that instead of the database. */
export function postgresOrders(queries: Queries): OrderRepository {
  return {
    async save({ id, customerId, items, status, placedAt }) {
      await queries.query(
        `insert into orders (id, customer_id, items, status, placed_at) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set customer_id = $2, items = $3, status = $4, placed_at = $5`,
        [id, customerId, JSON.stringify(items), status, placedAt],
      );
    },
    async find(id) {
      const { rows } = await queries.query<Row>('select * from orders where id = $1', [id]);
      return rows[0] && orderFrom(rows[0]);
    },
    async list({ limit, after }) {
      const { rows } = await queries.query<Row>(
        `select * from orders
         where position > coalesce((select position from orders where id = $1), 0)
         order by position limit $2`,
        [after ?? null, limit],
      );
      return rows.map(orderFrom);
    },
  };
}

const orderFrom = (row: Row): Order => ({
  id: row.id,
  customerId: row.customer_id,
  items: row.items,
  status: row.status,
  placedAt: row.placed_at.toISOString(),
});
