import type { KubeObject } from '../../../sources/snapshot.ts';
import type { Facts } from '../../facts.ts';
import { amount, at, fields, items, text, texts } from '../../kubernetes/fields.ts';
import { matches } from '../../kubernetes/selectors.ts';
import { keyOf, nameOf, namespaceOf } from '../../kubernetes/types.ts';
import { readyPods } from '../../kubernetes/workloads.ts';
import { perRun } from '../../per-run.ts';
import { accepted, type Backend, hostBackend, missing, type RouteKind, type RouteState } from './route.ts';

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

function stateOf(route: KubeObject, facts: Facts): RouteState {
  const names = namedGateways(route);
  let state = missing(`the Gateway ${names.join(', ')} does not exist`, [istioGateways], facts);
  for (const name of names) {
    const [namespace, own] = name.includes('/') ? name.split('/') : [namespaceOf(route), name];
    const gateway = facts
      .list(istioGateways)
      .find(({ metadata }) => metadata.name === own && metadata.namespace === namespace);
    if (!gateway) continue;
    const selector = Object.fromEntries(
      Object.entries(fields(at(gateway, 'spec', 'selector'))).map(([key, value]) => [key, String(value)]),
    );
    const up = facts.components.some(({ workloads }) =>
      workloads.some((workload) => matches(selector, workload.podLabels) && readyPods(workload).length > 0),
    );
    if (up) return accepted;
    state = missing(`no ready pod carries the labels that ${nameOf(gateway)} selects`, ['pods'], facts);
  }
  return state;
}

export const istioRoutes: RouteKind = { part: virtualServices, backends: backendsOf, state: stateOf };
