import order, { type OrderCommand } from '../../aggregates/order/order.ts';
import type { Call, Undo } from '../../platform/sagas/saga.ts';
import type { PlaceOrderInput } from './input.ts';

type Step = Call<PlaceOrderInput>;
type Compensation = Undo<PlaceOrderInput>;

/** The key of the step names the command, which therefore happens once. */
const happens = ({ app, id, key }: Step, command: OrderCommand) =>
  app.eventStore.execute(order, id, command, { commandId: key });

export const openOrder = (call: Step) => happens(call, { type: 'Opened', data: call.input });

export const undoOpenOrder = (undo: Compensation) => happens(undo, { type: 'Cancelled', data: {} });

export const reserveStock = ({ app, id, input: { sku, quantity }, key, signal }: Step) =>
  app.clients.inventory.reserve({ key, orderId: id, sku, quantity }, { signal }).then(({ id }) => ({ id }));

export const undoReserveStock = async ({ app, actionKey, signal }: Compensation) => {
  await app.clients.inventory.release({ key: actionKey }, { signal });
};

export const chargePayment = ({ app, id, input: { cents }, key, signal }: Step) =>
  app.clients.payments.charge({ body: { orderId: id, cents } }, { idempotencyKey: key, signal });

export const undoChargePayment = ({ app, actionKey, signal }: Compensation) =>
  app.clients.payments.refund({ params: { key: actionKey } }, { signal });

export const confirmOrder = (call: Step) => happens(call, { type: 'Confirmed', data: {} });

/** Cancelled by the first step's. */
export const undoConfirmOrder = undefined;
