import { append } from '../../../../multimap.ts';
import type { GroupResource } from '../../../contract.ts';
import type { KubeObject } from '../../../sources/snapshot.ts';
import type { Facts } from '../../facts.ts';
import { type KubeService, nameOf } from '../../kubernetes/types.ts';
import { perRun } from '../../per-run.ts';
import { entranceParts, gatewayClasses, gatewayRoutes } from './gateway-api.ts';
import { ingressClasses, ingressRoutes } from './ingress.ts';
import { istioGateways, istioRoutes } from './istio.ts';
import { otherRoutes } from './others.ts';
import type { Backend, Route, RouteKind, RouteState } from './route.ts';
import { traefikRoutes, traefikServices } from './traefik.ts';

/** Every kind of route, one row each. */
const routeKinds: readonly RouteKind[] = [
  ingressRoutes,
  ...gatewayRoutes,
  istioRoutes,
  ...traefikRoutes,
  ...otherRoutes,
];

export const routeParts: readonly GroupResource[] = [
  ...new Set(routeKinds.map(({ part }) => part)),
  ...traefikServices,
];

/** What must be read to tell whether something serves a route, and how. */
export const routeStateParts: readonly GroupResource[] = [
  ...entranceParts,
  gatewayClasses,
  istioGateways,
  ingressClasses,
];

/** Every route of the cluster. */
export const routesOf = perRun((facts): readonly Route[] =>
  routeKinds.flatMap((kind) => facts.list(kind.part).flatMap((object) => routesFrom(kind, object, facts))),
);

/** A controller has still to take it up. */
const later: RouteState = { state: 'unclear', why: 'whether a gateway takes it up shows only once it is applied' };

function routesFrom({ backends, state, nodePorts }: RouteKind, object: KubeObject, facts: Facts): Route[] {
  const ends = backends(object, facts);
  if (ends.length === 0) return [];
  const own = facts.isPlanned(object) ? later : state(object, facts);
  const through = nodePorts?.(object, facts);
  return ends.map((end) => ({
    ...end,
    ...own,
    ...endOf(end, facts),
    ...(through ? { nodePorts: through } : {}),
    evidence: {
      object: nameOf(object),
      path: 'spec',
      value: `${end.name}${end.port === undefined ? '' : `:${end.port}`}`,
    },
  }));
}

function endOf({ namespace, name, port, unread }: Backend, facts: Facts): Pick<Route, 'service' | 'end' | 'port'> {
  const service = facts.service(namespace, name);
  if (service) return { ...behindAlias(service, port, facts), end: 'service' };
  return { end: unread || !facts.ledger.complete('services', namespace) ? 'unread' : 'absent' };
}

/** A Service of type ExternalName may be another name of one in the cluster: that is how routes reach other namespaces. */
function behindAlias(alias: KubeService, port: Backend['port'], facts: Facts): Pick<Route, 'service' | 'port'> {
  const { type, externalName, ports = [] } = alias.spec;
  if (type !== 'ExternalName' || !externalName?.includes('.svc')) return { service: alias };
  const number = ports.find(({ name }) => name !== undefined && name === port)?.port ?? port;
  const destination = facts.resolve(externalName, undefined, alias.metadata.namespace ?? '');
  return 'service' in destination && destination.service.spec.type !== 'ExternalName'
    ? { service: destination.service, ...(number === undefined ? {} : { port: number }) }
    : { service: alias };
}

/** Ends of routes that are no Service, by the object that holds them: "Ingress shop/web". */
export const missingEnds = perRun((facts): ReadonlyMap<string, readonly Route[]> => {
  const found = new Map<string, Route[]>();
  for (const route of routesOf(facts)) if (!route.service) append(found, route.evidence.object, route);
  return found;
});
