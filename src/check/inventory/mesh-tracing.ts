import type { Evidence } from '../contract.ts';
import type { Facts } from './facts.ts';
import { nameOf } from './kube.ts';
import { selects } from './labels.ts';
import type { Party } from './parties.ts';
import { at, items } from './read.ts';

/** What Istio's Telemetry says about spans of this service: the workload's own beats the namespace's, that the root's. */
export function meshTracing(party: Party, facts: Facts): { disabled: boolean; evidence: Evidence } | undefined {
  const ranked = facts
    .list('telemetries.telemetry.istio.io')
    .map((telemetry) => {
      const selector = at(telemetry, 'spec', 'selector');
      const own = telemetry.metadata.namespace === party.namespace;
      const picked =
        own && selector !== undefined && party.workloads.some(({ podLabels }) => selects(selector, podLabels));
      const rank = picked
        ? 3
        : selector !== undefined
          ? 0
          : own
            ? 2
            : telemetry.metadata.namespace === 'istio-system'
              ? 1
              : 0;
      return { telemetry, rank };
    })
    .filter(({ rank, telemetry }) => rank > 0 && items(at(telemetry, 'spec', 'tracing')).length > 0)
    .sort((a, b) => b.rank - a.rank);
  const [best] = ranked;
  if (!best) return undefined;
  const tracing = items(at(best.telemetry, 'spec', 'tracing'));
  return {
    disabled: tracing.some((entry) => at(entry, 'disableSpanReporting') === true),
    evidence: { object: nameOf(best.telemetry), path: 'spec.tracing' },
  };
}
