import type { Evidence } from '../contract.ts';
import { append } from './append.ts';
import { type KubeService, nameOf } from './kube.ts';
import { onceARun } from './once-a-run.ts';
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

/** Every route of the cluster. */
export const routesOf = onceARun((facts): readonly Route[] =>
  routeKinds.flatMap(({ part, backends, state }) =>
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
  ),
);

/** Ends of routes that are no Service, by the object that holds them: "Ingress shop/web". */
export const missingEnds = onceARun((facts): ReadonlyMap<string, readonly Route[]> => {
  const found = new Map<string, Route[]>();
  for (const route of routesOf(facts)) {
    const { object } = route.evidence;
    if (!route.service) append(found, object, route);
  }
  return found;
});
