import type { ProbePurpose } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { observedName } from '../../inventory/kubernetes/observed-pods.ts';
import type { Found } from './define-check.ts';
import { askedInVain as reasons } from './reasons.ts';

/**
 * Requests to its pods that nobody answered for them: told, and nothing else. Whoever refuses says nothing of the app.
 *
 * @param open what an answer would have shown: "whether it has breakers of its own"
 */
export function askedInVain(
  component: Component,
  facts: Facts,
  purposes: readonly ProbePurpose[],
  open: string,
): Found<'ASKED_IN_VAIN'>[] {
  return facts.observations(component).flatMap((one) =>
    one.answers
      .filter(
        ({ purpose, outcome, status = 0 }) =>
          purposes.includes(purpose) && (outcome !== 'answered' || (status >= 400 && purpose === 'metrics')),
      )
      .map(({ request, outcome, status, detail = '' }) => ({
        status: 'note',
        reason: 'ASKED_IN_VAIN',
        message: `${one.pod} was asked ${open}, and ${outcome === 'answered' ? `answered with ${status}` : `the request was ${words[outcome]}`}${detail ? `: ${detail}` : ''}`,
        evidence: [{ object: observedName(one), path: request, ...(status ? { value: String(status) } : {}) }],
        fix: reasons.ASKED_IN_VAIN.fix,
      })),
  );
}

const words = {
  refused: 'refused',
  unreached: 'not answered by it',
  'not-asked': 'not sent',
} as const;
