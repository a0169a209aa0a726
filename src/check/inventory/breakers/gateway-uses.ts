import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { type KubeService, nameOf } from '../kube.ts';
import { selects } from '../labels.ts';
import { at, condition, items, text } from '../read.ts';
import { routesOf } from '../routes.ts';

/** What an object of a gateway is good for: the services it stands before, or why it does nothing. */
export interface Use {
  serves: KubeService[];
  idle?: string | undefined;
  weak?: string | undefined;
}

export const home = ({ metadata }: KubeObject): string => metadata.namespace ?? '';
const isNamed = (reference: unknown, object: KubeObject, from: string): boolean =>
  at(reference, 'name') === object.metadata.name && (text(at(reference, 'namespace')) ?? from) === home(object);

/** Services that the routes of an object lead to. */
export const behind = (route: KubeObject, facts: Facts): KubeService[] =>
  routesOf(facts).flatMap(({ evidence, service }) => (evidence.object === nameOf(route) && service ? [service] : []));

export const gatewayRoutes = ['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes'].map(
  (plural) => `${plural}.gateway.networking.k8s.io`,
);
export const gateways = 'gateways.gateway.networking.k8s.io';

/** Envoy Gateway: a policy names Gateways and routes of its namespace, or selects them by labels. */
export function envoyUse(policy: KubeObject, facts: Facts): Use {
  const references = [
    ...items(at(policy, 'spec', 'targetRefs')),
    ...[at(policy, 'spec', 'targetRef')].filter((each) => each !== undefined),
  ];
  const selectors = items(at(policy, 'spec', 'targetSelectors'));
  const here = [gateways, ...gatewayRoutes].flatMap((part) =>
    facts.list(part).filter((object) => home(object) === home(policy)),
  );
  const targets = here.filter(
    (object) =>
      references.some((each) => at(each, 'kind') === object.kind && at(each, 'name') === object.metadata.name) ||
      selectors.some((each) => at(each, 'kind') === object.kind && selects(each, object.metadata.labels ?? {})),
  );
  const routes = [...gatewayRoutes].flatMap((part) =>
    facts
      .list(part)
      .filter(
        (route) =>
          targets.includes(route) ||
          targets.some(
            (target) =>
              target.kind === 'Gateway' &&
              items(at(route, 'spec', 'parentRefs')).some((parent) => isNamed(parent, target, home(route))),
          ),
      ),
  );
  const ancestors = items(at(policy, 'status', 'ancestors'));
  const taken = ancestors.some((each) => condition(each, 'Accepted') === true);
  const refused = ancestors.some((each) => condition(each, 'Accepted') === false);
  const idle =
    targets.length === 0
      ? 'it targets nothing that exists'
      : taken
        ? undefined
        : refused
          ? 'its status says it was not accepted'
          : 'no controller has taken it up (status.ancestors is empty)';
  return { serves: routes.flatMap((route) => behind(route, facts)), idle };
}

export const traefikRoutes = ['traefik.io', 'traefik.containo.us'].map((group) => `ingressroutes.${group}`);
export const middlewares = ['traefik.io', 'traefik.containo.us'].map((group) => `middlewares.${group}`);
export const ingresses = 'ingresses.networking.k8s.io';

/** Traefik: routes name middlewares, also through a chain; Ingresses by annotation; the program by its arguments. */
export function traefikUse(middleware: KubeObject, facts: Facts, seen: readonly KubeObject[] = []): Use {
  if (seen.includes(middleware)) return { serves: [], idle: 'a chain of itself' };
  const full = `${home(middleware)}-${middleware.metadata.name}@kubernetescrd`;
  const serves: KubeService[] = [];
  let used = false;
  for (const route of traefikRoutes.flatMap((part) => facts.list(part)))
    if (
      items(at(route, 'spec', 'routes')).some((entry) =>
        items(at(entry, 'middlewares')).some((each) => isNamed(each, middleware, home(route))),
      )
    ) {
      used = true;
      serves.push(...behind(route, facts));
    }
  for (const ingress of facts.list(ingresses)) {
    const names = ingress.metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares'] ?? '';
    if (!names.split(',').some((name) => name.trim() === full)) continue;
    used = true;
    serves.push(...behind(ingress, facts));
  }
  for (const route of gatewayRoutes.flatMap((part) => facts.list(part)))
    if (
      items(at(route, 'spec', 'rules')).some((rule) =>
        items(at(rule, 'filters')).some((filter) => isNamed(at(filter, 'extensionRef'), middleware, home(route))),
      )
    ) {
      used = true;
      serves.push(...behind(route, facts));
    }
  for (const chain of middlewares.flatMap((part) => facts.list(part)))
    if (items(at(chain, 'spec', 'chain', 'middlewares')).some((each) => isNamed(each, middleware, home(chain)))) {
      const inner = traefikUse(chain, facts, [...seen, middleware]);
      used ||= inner.idle === undefined;
      serves.push(...inner.serves);
    }
  const everywhere = facts.parties.some((party) =>
    facts.told(party).settings.some(({ source, value }) => source === 'argument' && value.includes(full)),
  );
  return { serves, idle: used || everywhere ? undefined : 'no route, chain or Ingress uses it' };
}

const kongAnnotation = 'konghq.com/upstream-policy';

export function kongUse(policy: KubeObject, facts: Facts): Use {
  const serves = facts.parties
    .flatMap(({ doors }) => doors)
    .filter(
      (door) =>
        door.metadata.namespace === policy.metadata.namespace &&
        door.metadata.annotations?.[kongAnnotation] === policy.metadata.name,
    );
  return {
    serves,
    idle: serves.length > 0 ? undefined : `no Service names it in ${kongAnnotation}`,
    weak:
      at(policy, 'spec', 'healthchecks', 'active') === undefined
        ? 'without active health checks beside it, a target that was taken out never comes back'
        : undefined,
  };
}
