import { randomUUID } from 'node:crypto';
import { services as inventory } from '../../../src/contracts/inventory.ts';
import type { PlaceOrderInput } from '../../../src/sagas/place-order/input.ts';
import saga from '../../../src/sagas/place-order/saga.ts';
import { rpcContract } from '../step-rpc.ts';
import type { StepContract } from '../step-service.ts';

// What the tests must know of this saga. Where steps.ts changes, change this file: the tests stay as they are.

/** Another one each time. */
export const newInput = (): PlaceOrderInput => ({ sku: randomUUID(), quantity: 1, cents: 500 });

/** Those that this service does itself. */
const own: string[] = ['open-order', 'confirm-order'];

/** Its steps that call another service, in their order. */
export const steps = saga.steps.map(({ name }) => name).filter((name) => !own.includes(name));

/** The services that they call, as in `app.http('…')` and src/clients/. */
export const services = ['inventory', 'payments'];

/** How those services are asked, and what they answer. */
export const contract: StepContract = {
  read({ method, url = '', headers }) {
    const isUndo = method === 'DELETE';
    const key = isUndo ? decodeURIComponent(url.slice('/v1/charges/'.length)) : headers['idempotency-key'];
    return { step: 'charge-payment', isUndo, key: String(key).replaceAll('"', '') };
  },
  answer: ({ key }) => ({ id: key }),
  rpc: rpcContract({
    services: inventory,
    read: (_metadata, message, { name }) => {
      const { key } = message as unknown as { key: string };
      return { step: 'reserve-stock', isUndo: name === 'Release', key };
    },
    answer: ({ isUndo, key }) => (isUndo ? {} : { id: key }),
  }),
};
