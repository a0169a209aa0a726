import type { KubeObject } from '../../../sources/snapshot.ts';
import type { Facts } from '../../facts.ts';
import { amount, at, fields, items, text, texts } from '../../kubernetes/fields.ts';
import { matches } from '../../kubernetes/selectors.ts';
import { keyOf, nameOf, namespaceOf } from '../../kubernetes/types.ts';
import { readyPods } from '../../kubernetes/workloads.ts';
import { perRun } from '../../per-run.ts';
import { accepted, type Backend, hostBackend, missing, pending, type RouteKind, type RouteState } from './route.ts';

const virtualServices = 'virtualservices.networking.istio.io';
export const istioGateways = 'gateways.networking.istio.io';

const byKey = perRun(
  (facts): ReadonlyMap<string, KubeObject> =>
    new Map(facts.list(virtualServices).map((route) => [keyOf(route), route])),
);

/** One entry of a virtual service that sends requests somewhere, and the object whose names it is relative to. */
export interface VirtualServiceEntry {
  entry: unknown;
  object: KubeObject;
  path: string;
}

/**
 * All entries of a virtual service. Of `http` one may hand over to another virtual service, which then has neither hosts
 * nor gateways; those do not hand over again.
 */
export const entriesOf = (route: KubeObject, facts: Facts): VirtualServiceEntry[] =>
  ['http', 'tcp', 'tls'].flatMap((protocol) =>
    items(at(route, 'spec', protocol)).flatMap((entry, index): VirtualServiceEntry[] => {
      const name = text(at(entry, 'delegate', 'name'));
      if (name === undefined) return [{ entry, object: route, path: `spec.${protocol}[${index}]` }];
      const other = byKey(facts).get(`${text(at(entry, 'delegate', 'namespace')) ?? namespaceOf(route)}/${name}`);
      return items(at(other, 'spec', 'http')).flatMap((inner, place) =>
        other ? [{ entry: inner, object: other, path: `spec.http[${place}]` }] : [],
      );
    }),
  );

const namedGateways = (route: KubeObject): string[] =>
  texts(at(route, 'spec', 'gateways')).filter((name) => name !== 'mesh');

const backendsOf = (route: KubeObject, facts: Facts): Backend[] =>
  namedGateways(route).length === 0
    ? []
    : entriesOf(route, facts).flatMap(({ entry, object }) =>
        items(at(entry, 'route')).flatMap((target) =>
          hostBackend(
            at(target, 'destination', 'host'),
            object,
            facts,
            amount(at(target, 'destination', 'port', 'number')),
          ),
        ),
      );

/** Whether a ready pod carries the labels that a Gateway selects, by Gateway. */
const isUp = perRun((facts): ReadonlyMap<string, { gateway: KubeObject; up: boolean }> => {
  const ready = facts.components.flatMap(({ workloads }) =>
    workloads.filter((workload) => readyPods(workload).length > 0).map(({ podLabels }) => podLabels),
  );
  return new Map(
    facts.list(istioGateways).map((gateway) => {
      const selector = Object.fromEntries(
        Object.entries(fields(at(gateway, 'spec', 'selector'))).map(([key, value]) => [key, String(value)]),
      );
      return [keyOf(gateway), { gateway, up: ready.some((labels) => matches(selector, labels)) }];
    }),
  );
});

/** "*.example.com" and "shop.example.com" have names in common. */
function overlaps(one: string, other: string): boolean {
  if (one === other || one === '*' || other === '*') return true;
  const [wide, narrow] = one.startsWith('*') ? [one, other] : [other, one];
  if (!wide.startsWith('*')) return false;
  return narrow.endsWith(wide.slice(1)) || (narrow.startsWith('*') && wide.endsWith(narrow.slice(1)));
}

/** Whether a Gateway takes requests for any host of a virtual service; of other namespaces it may take none. */
function takesHostOf(gateway: KubeObject, route: KubeObject): boolean {
  const open = items(at(gateway, 'spec', 'servers')).flatMap((server) => texts(at(server, 'hosts')));
  if (open.length === 0) return true;
  const hosts = texts(at(route, 'spec', 'hosts')).flatMap((host) =>
    host.includes('.') || host === '*' ? [host] : [host, `${host}.${namespaceOf(route)}.svc.cluster.local`],
  );
  return open.some((entry) => {
    const [host = '', namespace = '*'] = entry.split('/').reverse();
    const isMeant = namespace === '*' || namespaceOf(route) === (namespace === '.' ? namespaceOf(gateway) : namespace);
    return isMeant && hosts.some((own) => overlaps(own.toLowerCase(), host.toLowerCase()));
  });
}

function stateOf(route: KubeObject, facts: Facts): RouteState {
  const names = namedGateways(route);
  const named = names.flatMap(
    (name) => isUp(facts).get(name.includes('/') ? name : `${namespaceOf(route)}/${name}`) ?? [],
  );
  if (named.some(({ gateway, up }) => up && takesHostOf(gateway, route))) return accepted;
  const [first] = named;
  if (named.length === names.length && !named.some(({ gateway }) => takesHostOf(gateway, route)))
    return pending(
      `none of its hosts is among those that ${named.map(({ gateway }) => nameOf(gateway)).join(', ')} takes`,
    );
  return first
    ? missing(`no ready pod carries the labels that ${nameOf(first.gateway)} selects`, ['pods'], facts)
    : missing(`the Gateway ${names.join(', ')} does not exist`, [istioGateways], facts);
}

export const istioRoutes: RouteKind = { part: virtualServices, backends: backendsOf, state: stateOf };
