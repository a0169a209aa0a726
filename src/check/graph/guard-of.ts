import type { GuardedCall, State } from '../checks/circuit-breakers/guarded-calls.ts';
import type { GuardState } from '../contract.ts';
import { breakerParts } from '../inventory/breakers/index.ts';
import type { Facts } from '../inventory/facts.ts';

const states: Readonly<Record<State, GuardState['state']>> = {
  guarded: 'guarded',
  partly: 'partly',
  limited: 'limits',
  inert: 'inert',
  unclear: 'unclear',
  open: 'none-seen',
};

/** What guards a call, for the graph. */
export function guardOf({ edge, state, breakers }: GuardedCall, facts: Facts): GuardState {
  const blind = state === 'open' && facts.ledger.gaps(breakerParts, edge.from.namespace).length > 0;
  return {
    state: blind ? 'unclear' : states[state],
    by: [...new Set(breakers.map(({ technology }) => technology))].sort(),
    evidence: breakers.map(({ evidence }) => evidence),
  };
}
