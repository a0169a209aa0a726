import { groupBy } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, items, text, texts } from '../kubernetes/fields.ts';
import type { KubeService } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';

/** How many addresses a Service leads to, and how many of them are ready. */
export interface Endpoints {
  ready: number;
  total: number;
}

const label = 'kubernetes.io/service-name';

/** Ready and other addresses of a Service, from its EndpointSlices (never from `v1 Endpoints`, which is deprecated). */
export const endpointsOf = (facts: Facts, { metadata }: KubeService): Endpoints =>
  counts(facts).get(`${metadata.namespace ?? ''}/${metadata.name}`) ?? { ready: 0, total: 0 };

const counts = perRun((facts): ReadonlyMap<string, Endpoints> => {
  const slices = facts.list('endpointslices.discovery.k8s.io').flatMap((slice) => {
    const service = text(slice.metadata.labels?.[label]);
    return service ? [{ slice, key: `${slice.metadata.namespace ?? ''}/${service}` }] : [];
  });
  return new Map(
    [...groupBy(slices, ({ key }) => key)].map(([key, all]) => [key, countOf(all.map(({ slice }) => slice))]),
  );
});

/** A pod of two address families is in two slices, and one pod: the family with the most says how many there are. */
function countOf(slices: readonly KubeObject[]): Endpoints {
  const families = groupBy(slices, (slice) => text(slice['addressType']) ?? '');
  const counted = [...families.values()].map((family): Endpoints => {
    const ready = new Map<string, boolean>();
    for (const endpoint of family.flatMap((slice) => items(slice['endpoints']))) {
      const name = text(at(endpoint, 'targetRef', 'name')) ?? texts(at(endpoint, 'addresses'))[0] ?? `${ready.size}`;
      // An unset condition means ready, as the API defines it.
      ready.set(name, ready.get(name) || at(endpoint, 'conditions', 'ready') !== false);
    }
    return { ready: [...ready.values()].filter(Boolean).length, total: ready.size };
  });
  return {
    ready: Math.max(0, ...counted.map(({ ready }) => ready)),
    total: Math.max(0, ...counted.map(({ total }) => total)),
  };
}

/** Somebody is meant to answer once it is applied: its selector matches a template that wants pods. */
export function willAnswer(facts: Facts, service: KubeService): boolean {
  if (!facts.isPlanned(service)) return false;
  const { workloads = [], detached } = facts.componentOf(service) ?? {};
  return !detached && workloads.some(({ wanted, object }) => wanted !== 0 && facts.isPlanned(object));
}

/**
 * A Service that leads to a pod that serves: what "resolves" means everywhere. Undefined where slices were not read. Of
 * what is yet to be applied the templates say it.
 */
export function hasReadyEndpoints(facts: Facts, service: KubeService): boolean | undefined {
  if (endpointsOf(facts, service).ready > 0 || willAnswer(facts, service)) return true;
  if (service.spec.type === 'ExternalName') return true;
  return facts.ledger.complete('endpointslices.discovery.k8s.io', service.metadata.namespace) ? false : undefined;
}
