import { append } from '../../../multimap.ts';
import type { GroupResource } from '../../contract.ts';
import { at, text } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import type { Route } from './route-kinds.ts';
import { entranceParts, routeKinds } from './route-kinds.ts';

export const routeParts: readonly GroupResource[] = routeKinds.map(({ part }) => part);

/** What must be read to tell whether something serves a route. */
export const routeStateParts: readonly GroupResource[] = [...entranceParts, 'gateways.networking.istio.io'];

/** Every route of the cluster. */
export const routesOf = perRun((facts): readonly Route[] =>
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
export const missingEnds = perRun((facts): ReadonlyMap<string, readonly Route[]> => {
  const found = new Map<string, Route[]>();
  for (const route of routesOf(facts)) {
    const { object } = route.evidence;
    if (!route.service) append(found, object, route);
  }
  return found;
});
