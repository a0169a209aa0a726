import type { OrderEvent } from '../aggregates/order/order.ts';
import { ordersConfirmed } from '../events/orders.confirmed.ts';
import { type Published, publishEvents } from '../platform/event-store/publish-events.ts';

const published: Published<OrderEvent> = {
  Confirmed: ({ aggregateId }) => [ordersConfirmed, { id: aggregateId }],
};

export default publishEvents('order', published);
