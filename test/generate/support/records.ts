import { recordSchema, type ServiceRecord } from '../../../src/generate/record.ts';

/** The record of `order-service`, with these fields instead. */
export const recordOf = (fields: Partial<ServiceRecord> = {}): ServiceRecord => ({
  schema: recordSchema,
  generator: '1.0.0',
  name: 'order-service',
  description: 'Takes orders',
  context: 'orders',
  owner: 'orders-team',
  packageManager: 'npm',
  features: {},
  instances: {},
  ...fields,
});
