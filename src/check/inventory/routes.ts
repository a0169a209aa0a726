import type { Evidence } from '../contract.ts';
import type { Facts } from './facts.ts';
import { type KubeService, nameOf } from './kube.ts';
import type { Part } from './part.ts';
import { at, text } from './read.ts';
import { entranceParts, routeKinds } from './route-kinds.ts';

/** A way in from outside that some gateway offers to a Service. */
export interface Route {
  /** The Service it names, whether or not it exists. */
  namespace: string;
  name: string;
  port?: number | string;
  service?: KubeService;
  /** accepted: taken up by something that serves it · pending: nothing says so · refused: its status says no. */
  state: 'accepted' | 'pending' | 'refused' | 'unclear';
  /** What is missing, where it is not accepted. */
  why: string;
  evidence: Evidence;
  /** Ingress class, where it matters how the gateway reaches the Service. */
  className?: string;
}

export const routeParts: readonly Part[] = routeKinds.map(({ part }) => part);

/** What must be read to tell whether something serves a route. */
export const routeStateParts: readonly Part[] = [...entranceParts, 'gateways.networking.istio.io'];

const caches = new WeakMap<Facts['parties'], readonly Route[]>();

/** Every route of the cluster. */
export function routesOf(facts: Facts): readonly Route[] {
  const known = caches.get(facts.parties);
  if (known) return known;
  const found = routeKinds.flatMap(({ part, backends, state }) =>
    facts.list(part).flatMap((object): Route[] => {
      const own = state(object, facts);
      const className =
        text(at(object, 'spec', 'ingressClassName')) ?? object.metadata.annotations?.['kubernetes.io/ingress.class'];
      return backends(object).map((target) => {
        const service = facts.service(target.namespace, target.name);
        return {
          ...target,
          ...own,
          ...(service ? { service } : {}),
          ...(className ? { className } : {}),
          evidence: {
            object: nameOf(object),
            path: 'spec',
            value: `${target.name}${target.port === undefined ? '' : `:${target.port}`}`,
          },
        };
      });
    }),
  );
  caches.set(facts.parties, found);
  return found;
}

const missing = new WeakMap<readonly Route[], ReadonlyMap<string, readonly Route[]>>();

/** Ends of routes that are no Service, by the object that holds them: "Ingress shop/web". */
export function missingEnds(facts: Facts): ReadonlyMap<string, readonly Route[]> {
  const routes = routesOf(facts);
  const known = missing.get(routes);
  if (known) return known;
  const found = new Map<string, Route[]>();
  for (const route of routes) {
    const { object } = route.evidence;
    if (!route.service) found.set(object, [...(found.get(object) ?? []), route]);
  }
  missing.set(routes, found);
  return found;
}
