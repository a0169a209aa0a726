import type { Facts } from '../facts.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import type { KubeService } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';

export interface Endpoints {
  ready: number;
  total: number;
}

const label = 'kubernetes.io/service-name';

/** Ready and other addresses of a Service, from its EndpointSlices (never from `v1 Endpoints`, which is deprecated). */
export const endpointsOf = (facts: Facts, { metadata }: KubeService): Endpoints =>
  counts(facts).get(`${metadata.namespace ?? ''}/${metadata.name}`) ?? { ready: 0, total: 0 };

const counts = perRun((facts): ReadonlyMap<string, Endpoints> => {
  const index = new Map<string, Endpoints>();
  for (const slice of facts.list('endpointslices.discovery.k8s.io')) {
    const service = text(slice.metadata.labels?.[label]);
    if (!service) continue;
    const key = `${slice.metadata.namespace ?? ''}/${service}`;
    const sum = index.get(key) ?? { ready: 0, total: 0 };
    for (const endpoint of items(slice['endpoints'])) {
      sum.total += 1;
      // An unset condition means ready, as the API defines it.
      if (at(endpoint, 'conditions', 'ready') !== false) sum.ready += 1;
    }
    index.set(key, sum);
  }
  return index;
});

/** A Service that leads to a pod that serves: what "resolves" means everywhere. Undefined where slices were not read. */
export function hasReadyEndpoints(facts: Facts, service: KubeService): boolean | undefined {
  if (endpointsOf(facts, service).ready > 0) return true;
  if (service.spec.type === 'ExternalName') return true;
  return facts.ledger.complete('endpointslices.discovery.k8s.io', service.metadata.namespace) ? false : undefined;
}
