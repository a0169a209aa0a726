import type { Database } from '../platform/postgres/database.ts';
import { Problem } from '../platform/problem.ts';

interface Reservation {
  key: string;
  orderId: string;
  sku: string;
  quantity: number;
}

/** Takes from the stock, once for each key. @throws Problem 412 where there is not enough, or the key was released */
export function reserve(database: Database, { key, orderId, sku, quantity }: Reservation): Promise<void> {
  return database.transaction(async (tx) => {
    const insert =
      'insert into reservations (key, order_id, sku, quantity) values ($1, $2, $3, $4) on conflict do nothing';
    const { rowCount } = await tx.query(insert, [key, orderId, sku, quantity]);
    if (rowCount === 0) {
      const { rows } = await tx.query<{ released: boolean }>('select released from reservations where key = $1', [key]);
      if (rows[0]?.released) throw new Problem(412, 'released', 'This was given back');
      return;
    }
    const take = 'update stock set quantity = quantity - $2 where sku = $1 and quantity >= $2';
    if ((await tx.query(take, [sku, quantity])).rowCount === 0) {
      throw new Problem(412, 'out-of-stock', `There are not ${quantity} of ${sku}`);
    }
  });
}

/** Gives back what was reserved. A key that has not come yet may be on its way: it is barred. */
export function release(database: Database, key: string): Promise<void> {
  return database.transaction(async (tx) => {
    const bar = 'insert into reservations (key, released) values ($1, true) on conflict do nothing';
    if ((await tx.query(bar, [key])).rowCount === 1) return;
    const { rows } = await tx.query<{ sku: string; quantity: number }>(
      'update reservations set released = true where key = $1 and not released returning sku, quantity',
      [key],
    );
    for (const { sku, quantity } of rows) {
      await tx.query('update stock set quantity = quantity + $2 where sku = $1', [sku, quantity]);
    }
  });
}
