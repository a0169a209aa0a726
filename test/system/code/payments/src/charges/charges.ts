import type { Database } from '../platform/postgres/database.ts';
import { Problem } from '../platform/problem.ts';

const mostCents = 100_000;

/** Charges once for each key. @throws Problem 402 where the card is declined, 410 where the key was refunded before */
export function charge(database: Database, key: string, order: { orderId: string; cents: number }): Promise<void> {
  if (order.cents > mostCents) throw new Problem(402, 'card-declined', 'The card was declined');
  return database.transaction(async (tx) => {
    const insert = 'insert into charges (key, order_id, cents) values ($1, $2, $3) on conflict do nothing';
    if ((await tx.query(insert, [key, order.orderId, order.cents])).rowCount === 1) return;
    const { rows } = await tx.query<{ refunded: boolean }>('select refunded from charges where key = $1', [key]);
    if (rows[0]?.refunded) throw new Problem(410, 'refunded', 'This was refunded');
  });
}

/** A key that has not come yet may be on its way: it is barred. */
export async function refund(database: Database, key: string): Promise<void> {
  await database.query(
    'insert into charges (key, refunded) values ($1, true) on conflict (key) do update set refunded = true',
    [key],
  );
}
