import { Type } from 'typebox';
import { defineAggregate } from '../../src/platform/event-store/aggregate.ts';

/** An aggregate that only tests know. */
export const account = defineAggregate('account', {
  events: { Deposited: Type.Object({ amount: Type.Integer() }) },
  state: Type.Integer(),
  initial: 0,
  evolve: (balance, { data }) => balance + data.amount,
  decide: (_balance, amount: number) => [{ type: 'Deposited' as const, data: { amount } }],
});
