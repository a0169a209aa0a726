import type { Facts } from './facts.ts';
import type { Party } from './parties.ts';
import { sidecarKind } from './technologies.ts';

export type MeshKind = 'istio' | 'linkerd' | 'dapr' | 'kuma' | 'consul';

/**
 * Whether a mesh's proxy stands beside the pods that run. Only live pods prove it: an annotation, a namespace label or a
 * template says what was asked for. Undefined where no pod was seen.
 */
export function hasProxy(party: Party, mesh: MeshKind, facts: Facts): boolean | undefined {
  const pods = party.workloads.flatMap((workload) => workload.pods);
  if (pods.length === 0) return undefined;
  const beside = pods.every(({ spec }) =>
    [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')].some(
      ({ name }) => sidecarKind(name) === mesh,
    ),
  );
  if (beside || mesh !== 'istio') return beside;
  // Ambient mode is asked for by labels of the namespace.
  if (!facts.ledger.complete('namespaces')) return hasWaypoint(party, facts) ? true : undefined;
  return hasWaypoint(party, facts);
}

/** Ambient mode has no proxy in the pod; a waypoint does the work of layer 7. */
function hasWaypoint(party: Party, facts: Facts): boolean {
  const namespace = facts.list('namespaces').find(({ metadata }) => metadata.name === party.namespace);
  const labels = namespace?.metadata.labels ?? {};
  const waypoint = party.service?.metadata.labels?.['istio.io/use-waypoint'] ?? labels['istio.io/use-waypoint'];
  if (labels['istio.io/dataplane-mode'] !== 'ambient' || !waypoint || waypoint === 'none') return false;
  return facts.list('gateways.gateway.networking.k8s.io').some(({ metadata }) => metadata.name === waypoint);
}
