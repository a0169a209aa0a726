import { randomUUID } from 'node:crypto';
import { after, type TestContext } from 'node:test';
import { services as inventory } from '../../../src/contracts/inventory.ts';
import type { PlaceOrderInput } from '../../../src/sagas/place-order/input.ts';
import saga from '../../../src/sagas/place-order/saga.ts';
import { startRpcServices } from '../rpc-services.ts';
import type { StepContract } from '../step-service.ts';

// What the tests must know of this saga. Where steps.ts changes, change this file: the tests stay as they are.

/** Another one each time. */
export const newInput = (): PlaceOrderInput => ({ sku: randomUUID(), quantity: 1, cents: 500 });

/** Those that this service does itself, or by gRPC, which is answered here and broken by no test. */
const own: string[] = ['open-order', 'reserve-stock', 'confirm-order'];
const { port } = await startRpcServices({ after } as TestContext, inventory);
process.env.INVENTORY_RPC_URL = `grpc://127.0.0.1:${port}`;

/** Its steps that call another service, in their order. */
export const steps = saga.steps.map(({ name }) => name).filter((name) => !own.includes(name));

/** The services that they call, as in `app.http('…')` and src/clients/. */
export const services = ['payments'];

/** How those services are asked, and what they answer. */
export const contract: StepContract = {
  read({ method, url = '', headers }) {
    const isUndo = method === 'DELETE';
    const key = isUndo ? decodeURIComponent(url.slice('/v1/charges/'.length)) : headers['idempotency-key'];
    return { step: 'charge-payment', isUndo, key: String(key).replaceAll('"', '') };
  },
  answer: ({ key }) => ({ id: key }),
};
