import type { GroupResource } from '../../../contract.ts';
import type { KubeObject } from '../../../sources/snapshot.ts';
import type { Facts } from '../../facts.ts';
import { amount, at, condition, items, text } from '../../kubernetes/fields.ts';
import { namespaceOf } from '../../kubernetes/types.ts';
import {
  accepted,
  type Backend,
  backend,
  missing,
  pending,
  type RouteKind,
  type RouteState,
  refused,
} from './route.ts';
import { traefikBackends } from './traefik.ts';

/** Kinds of parents that let requests in: a Gateway, or a set of listeners that is added to one. */
const entrances: Readonly<Record<string, GroupResource>> = {
  Gateway: 'gateways.gateway.networking.k8s.io',
  ListenerSet: 'listenersets.gateway.networking.k8s.io',
  XListenerSet: 'xlistenersets.gateway.networking.x-k8s.io',
};
export const entranceParts: readonly GroupResource[] = Object.values(entrances);
export const gatewayClasses = 'gatewayclasses.gateway.networking.k8s.io';

const entrance = (parent: unknown): GroupResource | undefined => entrances[text(at(parent, 'kind')) ?? 'Gateway'];

/** A route whose parent is a Service is about calls inside the cluster. */
const entrancesOf = (route: KubeObject): unknown[] =>
  items(at(route, 'spec', 'parentRefs')).filter((parent) => entrance(parent) !== undefined);

const objectOf = (parent: unknown, route: KubeObject, facts: Facts): KubeObject | undefined => {
  const namespace = text(at(parent, 'namespace')) ?? namespaceOf(route);
  return facts
    .list(entrance(parent) ?? '')
    .find(({ metadata }) => metadata.name === at(parent, 'name') && metadata.namespace === namespace);
};

/** It speaks of the route as it was before its last change; controllers that say of no version which it is are believed. */
const isEarlier = (parent: unknown, { metadata }: KubeObject): boolean =>
  items(at(parent, 'conditions')).some((condition) => {
    const seen = amount(at(condition, 'observedGeneration')) ?? 0;
    return seen > 0 && seen < (metadata.generation ?? 0);
  });

/** To a backend of another namespace, which has to allow that. */
const leadsAcross = (route: KubeObject): boolean =>
  items(at(route, 'spec', 'rules')).some((rule) =>
    items(at(rule, 'backendRefs')).some(
      (reference) => (text(at(reference, 'namespace')) ?? namespaceOf(route)) !== namespaceOf(route),
    ),
  );

/** The Gateway that an entry of a route's status is about, whichever of its listeners. */
const parentKey =
  (route: KubeObject) =>
  (entry: unknown): string => {
    const parent = at(entry, 'parentRef');
    return `${entrance(parent)} ${text(at(parent, 'namespace')) ?? namespaceOf(route)}/${text(at(parent, 'name'))}`;
  };

function stateOf(route: KubeObject, facts: Facts): RouteState {
  const told = items(at(route, 'status', 'parents'));
  const wanted = entrancesOf(route);
  if (wanted.length === 0) return pending('it names no Gateway');
  if (told.length === 0) return pending('no controller has taken it up (status.parents is empty)');
  const parents = told.filter((parent) => !isEarlier(parent, route));
  if (parents.length === 0) return pending('its status speaks of it as it was before its last change');
  const taken = new Set(parents.filter((parent) => condition(parent, 'Accepted') === true).map(parentKey(route)));
  for (const parent of parents) {
    // One listener that does not fit says little where another of the same Gateway takes it.
    if (condition(parent, 'Accepted') === false && !taken.has(parentKey(route)(parent)))
      return refused('its status says it was not accepted');
    if (condition(parent, 'ResolvedRefs') === false) return refused('its status says that a backend does not resolve');
  }
  if (taken.size === 0) return pending('its status does not say that it was accepted');
  if (leadsAcross(route) && !parents.some((parent) => condition(parent, 'ResolvedRefs') === true))
    return pending('its status does not say that a Service of another namespace may be its backend (ReferenceGrant)');
  const programmed = wanted.some((parent) => {
    const gateway = objectOf(parent, route, facts);
    return gateway && condition(gateway.status, 'Programmed') === true;
  });
  return programmed ? accepted : missing('its Gateway is not programmed: nothing listens', entranceParts, facts);
}

function backendsOf(route: KubeObject, facts: Facts): Backend[] {
  if (entrancesOf(route).length === 0) return [];
  return items(at(route, 'spec', 'rules')).flatMap((rule) =>
    items(at(rule, 'backendRefs')).flatMap((reference) => {
      const kind = text(at(reference, 'kind')) ?? 'Service';
      if (kind === 'TraefikService') return traefikBackends(reference, namespaceOf(route), facts);
      return kind === 'Service'
        ? backend(
            text(at(reference, 'namespace')) ?? namespaceOf(route),
            at(reference, 'name'),
            amount(at(reference, 'port')),
          )
        : [];
    }),
  );
}

/** Balancers of a cloud that reach pods by node ports, unless told to use their addresses. */
const cloudControllers = /^gateway\.k8s\.aws\/(alb|nlb)$/;

function nodePortsOf(route: KubeObject, facts: Facts): 'used' | 'unclear' | undefined {
  const names = entrancesOf(route).flatMap(
    (parent) => text(at(objectOf(parent, route, facts), 'spec', 'gatewayClassName')) ?? [],
  );
  const controllers = facts
    .list(gatewayClasses)
    .filter(({ metadata }) => names.includes(metadata.name))
    .map((one) => text(at(one, 'spec', 'controllerName')) ?? '');
  if (controllers.some((controller) => cloudControllers.test(controller))) return 'used';
  return names.length > controllers.length && !facts.ledger.complete(gatewayClasses) ? 'unclear' : undefined;
}

/** Routes of the Gateway API: their own status says who took them up, and their Gateway's whether anything listens. */
export const gatewayRoutes: readonly RouteKind[] = [
  'httproutes',
  'grpcroutes',
  'tlsroutes',
  'tcproutes',
  'udproutes',
].map((plural) => ({
  part: `${plural}.gateway.networking.k8s.io`,
  backends: backendsOf,
  state: stateOf,
  nodePorts: nodePortsOf,
}));
