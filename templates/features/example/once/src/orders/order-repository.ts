import type { Order } from './order.ts';

/** Where orders are kept. The routes know only this; src/plugins/orders.ts chooses. */
export interface OrderRepository {
  save(order: Order): Promise<void>;
  find(id: string): Promise<Order | undefined>;
  /** Oldest first, at most `limit`, those after the order with the id `after`. */
  list(page: { limit: number; after?: string }): Promise<Order[]>;
}

/** Forgets everything with the process: enough to begin with, not to go live with. */
export function inMemoryOrders(): OrderRepository {
  const orders = new Map<string, Order>();
  return {
    async save(order) {
      orders.set(order.id, order);
    },
    async find(id) {
      return orders.get(id);
    },
    async list({ limit, after }) {
      const all = [...orders.values()];
      const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      return all.slice(start, start + limit);
    },
  };
}
