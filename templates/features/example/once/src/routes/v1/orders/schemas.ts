import { Type } from 'typebox';

const OrderItem = Type.Object({
  sku: Type.String({ minLength: 1, maxLength: 64 }),
  quantity: Type.Integer({ minimum: 1, maximum: 1_000 }),
});

export const OrderRequest = Type.Object(
  {
    customerId: Type.String({ minLength: 1, maxLength: 64 }),
    items: Type.Array(OrderItem, { minItems: 1, maxItems: 100 }),
  },
  { additionalProperties: false },
);

export const Order = Type.Object({
  id: Type.String({ format: 'uuid' }),
  customerId: Type.String(),
  items: Type.Array(OrderItem),
  status: Type.Literal('placed'),
  placedAt: Type.String({ format: 'date-time' }),
});

export const OrderList = Type.Object({ orders: Type.Array(Order) });
export const OrderId = Type.Object({ id: Type.String({ format: 'uuid' }) });
export const Page = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  after: Type.Optional(Type.String({ format: 'uuid', description: 'Id of the last order of the page before' })),
});
