// The schemas of the example resource, for the bare services that it is measured against. Copied beside them.
const item = {
  type: 'object',
  required: ['sku', 'quantity'],
  properties: {
    sku: { type: 'string', minLength: 1, maxLength: 64 },
    quantity: { type: 'integer', minimum: 1, maximum: 1000 },
  },
};
export const order = {
  type: 'object',
  required: ['id', 'customerId', 'items', 'status', 'placedAt'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    customerId: { type: 'string' },
    items: { type: 'array', items: item },
    status: { type: 'string', const: 'placed' },
    placedAt: { type: 'string', format: 'date-time' },
  },
};
export const id = { type: 'object', required: ['id'], properties: { id: { type: 'string', format: 'uuid' } } };
export const request = {
  type: 'object',
  properties: { customerId: { type: 'string' }, items: { type: 'array', items: item } },
};
