import type { KubeObject } from '../../../sources/snapshot.ts';
import type { Facts } from '../../facts.ts';
import { at, items, text } from '../../kubernetes/fields.ts';
import { namespaceOf } from '../../kubernetes/types.ts';
import { perRun } from '../../per-run.ts';
import { type Backend, backend, type RouteKind, servedBy } from './route.ts';

const groups = ['traefik.io', 'traefik.containo.us'];
export const traefikServices = groups.map((group) => `traefikservices.${group}`);

/** By "shop/split", and by the name that other providers call it: "shop-split@kubernetescrd". */
const splits = perRun(
  (facts): ReadonlyMap<string, KubeObject> =>
    new Map(
      traefikServices
        .flatMap((part) => facts.list(part))
        .flatMap((split) => [
          [`${namespaceOf(split)}/${split.metadata.name}`, split],
          [`${namespaceOf(split)}-${split.metadata.name}@kubernetescrd`, split],
        ]),
    ),
);

/** What a TraefikService spreads requests over: Services, or others of its kind. */
const partsOf = (split: KubeObject): unknown[] => [
  ...['weighted', 'highestRandomWeight'].flatMap((way) => items(at(split, 'spec', way, 'services'))),
  ...[at(split, 'spec', 'mirroring'), ...items(at(split, 'spec', 'mirroring', 'mirrors'))].filter(
    (mirror) => mirror !== undefined,
  ),
];

/** Services that a reference of Traefik ends at, through whatever splits them. */
export function traefikBackends(
  reference: unknown,
  from: string,
  facts: Facts,
  passed: ReadonlySet<KubeObject> = new Set(),
): Backend[] {
  const name = text(at(reference, 'name')) ?? '';
  const namespace = text(at(reference, 'namespace')) ?? from;
  if ((text(at(reference, 'kind')) ?? 'Service') === 'Service' && !name.includes('@'))
    return backend(namespace, name, at(reference, 'port'));
  const split = splits(facts).get(name.includes('@') ? name : `${namespace}/${name}`);
  if (!split || passed.has(split)) return [];
  return partsOf(split).flatMap((part) =>
    traefikBackends(part, namespaceOf(split), facts, new Set([...passed, split])),
  );
}

export const traefikRoutes: readonly RouteKind[] = groups.flatMap((group) =>
  ['ingressroutes', 'ingressroutetcps', 'ingressrouteudps'].map((plural) => ({
    part: `${plural}.${group}`,
    backends: (route, facts) =>
      items(at(route, 'spec', 'routes')).flatMap((entry) =>
        items(at(entry, 'services')).flatMap((service) => traefikBackends(service, namespaceOf(route), facts)),
      ),
    state: servedBy('Traefik', /(^|\/)traefik$/),
  })),
);
