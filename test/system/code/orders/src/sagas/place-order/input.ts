import { type Static, Type } from 'typebox';

/** What the saga is started with. It is stored until the saga ends: no secret belongs in it. */
export const PlaceOrderInput = Type.Object(
  {
    sku: Type.String({ minLength: 1 }),
    quantity: Type.Integer({ minimum: 1 }),
    cents: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);

export type PlaceOrderInput = Static<typeof PlaceOrderInput>;
