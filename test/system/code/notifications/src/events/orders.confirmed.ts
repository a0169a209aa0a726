import { type Static, Type } from 'typebox';
import { defineEvent } from '../platform/events/event.ts';
import { subscribe } from '../platform/events/subscription.ts';

/** Only what this service relies on. */
const data = Type.Object({ id: Type.String({ minLength: 1 }) }, { additionalProperties: true });

export type OrdersConfirmed = Static<typeof data>;

export const ordersConfirmed = defineEvent('orders.confirmed', { version: 1, data });

export default subscribe(ordersConfirmed, async (event, { tx, log }) => {
  await tx.query('insert into notifications (order_id) values ($1)', [event.data.id]);
  log.info({ order: event.data.id }, 'told the customer');
});
