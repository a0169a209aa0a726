import { type Static, Type } from 'typebox';
import { defineAggregate, type EventOf } from '../../platform/event-store/aggregate.ts';
import { Problem } from '../../platform/problem.ts';
import { PlaceOrderInput } from '../../sagas/place-order/input.ts';

const Nothing = Type.Object({}, { additionalProperties: false });

const events = { Opened: PlaceOrderInput, Confirmed: Nothing, Cancelled: Nothing };

export type OrderEvent = EventOf<typeof events>;

const state = Type.Object({ phase: Type.Enum(['new', 'open', 'confirmed', 'cancelled']) });

export type Order = Static<typeof state>;

export function evolve(_before: Order, { type }: OrderEvent): Order {
  switch (type) {
    case 'Opened':
      return { phase: 'open' };
    case 'Confirmed':
      return { phase: 'confirmed' };
    case 'Cancelled':
      return { phase: 'cancelled' };
  }
}

export type OrderCommand = OrderEvent;

/** Whatever has happened, an order can be cancelled: also one that has not come yet, which then never opens. */
export function decide({ phase }: Order, command: OrderCommand): OrderEvent[] {
  const isInTurn = { Opened: phase === 'new', Confirmed: phase === 'open', Cancelled: phase !== 'cancelled' };
  if (!isInTurn[command.type]) throw new Problem(409, 'order-not-in-turn', `The order is ${phase}`);
  return [command];
}

export default defineAggregate('order', { events, state, initial: { phase: 'new' }, evolve, decide });
