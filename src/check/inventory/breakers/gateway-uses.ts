import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, condition, items, text } from '../kubernetes/fields.ts';
import { selects } from '../kubernetes/selectors.ts';
import { type KubeService, nameOf, namespaceOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { routesOf } from '../traffic/routes/routes.ts';

/** What an object of a gateway is good for: the services it stands before, or why it does nothing. */
export interface Use {
  serves: readonly KubeService[];
  dangling?: string | undefined;
  weak?: string | undefined;
}

const isNamed = (reference: unknown, object: KubeObject, from: string): boolean =>
  at(reference, 'name') === object.metadata.name && (text(at(reference, 'namespace')) ?? from) === namespaceOf(object);

const ends = perRun((facts): ReadonlyMap<string, readonly KubeService[]> => {
  const found = new Map<string, KubeService[]>();
  for (const { evidence, service } of routesOf(facts)) if (service) append(found, evidence.object, service);
  return found;
});

/** Services that the routes of an object lead to. */
export const behind = (route: KubeObject, facts: Facts): readonly KubeService[] => ends(facts).get(nameOf(route)) ?? [];

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
    facts.list(part).filter((object) => namespaceOf(object) === namespaceOf(policy)),
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
              items(at(route, 'spec', 'parentRefs')).some((parent) => isNamed(parent, target, namespaceOf(route))),
          ),
      ),
  );
  const ancestors = items(at(policy, 'status', 'ancestors'));
  const taken = ancestors.some((each) => condition(each, 'Accepted') === true);
  const refused = ancestors.some((each) => condition(each, 'Accepted') === false);
  const dangling =
    targets.length === 0
      ? 'it targets nothing that exists'
      : taken
        ? undefined
        : refused
          ? 'its status says it was not accepted'
          : 'no controller has taken it up (status.ancestors is empty)';
  return { serves: routes.flatMap((route) => behind(route, facts)), dangling };
}

export const traefikRoutes = ['traefik.io', 'traefik.containo.us'].map((group) => `ingressroutes.${group}`);
export const middlewares = ['traefik.io', 'traefik.containo.us'].map((group) => `middlewares.${group}`);
export const ingresses = 'ingresses.networking.k8s.io';

interface MiddlewareUses {
  /** Routes, Ingresses and chains by the middleware that they name: "shop/careful". */
  by: ReadonlyMap<string, readonly KubeObject[]>;
  /** Middlewares of every request, by the program's own arguments: "shop-careful@kubernetescrd". */
  everywhere: ReadonlySet<string>;
}

const keyed = (reference: unknown, from: string): string =>
  `${text(at(reference, 'namespace')) ?? from}/${text(at(reference, 'name')) ?? ''}`;
const provided = /[a-z0-9.-]+@kubernetescrd/g;

/** Who names which middleware: routes, also through a chain; Ingresses by annotation; the program by its arguments. */
const middlewareUses = perRun((facts): MiddlewareUses => {
  const by = new Map<string, KubeObject[]>();
  const add = (key: string, user: KubeObject): void => append(by, key, user);
  const all = (parts: readonly string[]): KubeObject[] => parts.flatMap((part) => [...facts.list(part)]);
  for (const route of all(traefikRoutes))
    for (const entry of items(at(route, 'spec', 'routes')))
      for (const each of items(at(entry, 'middlewares'))) add(keyed(each, namespaceOf(route)), route);
  for (const route of all(gatewayRoutes))
    for (const rule of items(at(route, 'spec', 'rules')))
      for (const filter of items(at(rule, 'filters')))
        if (at(filter, 'extensionRef', 'kind') === 'Middleware')
          add(keyed(at(filter, 'extensionRef'), namespaceOf(route)), route);
  for (const chain of all(middlewares))
    for (const each of items(at(chain, 'spec', 'chain', 'middlewares'))) add(keyed(each, namespaceOf(chain)), chain);
  for (const ingress of facts.list(ingresses))
    for (const name of (ingress.metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares'] ?? '').split(
      ',',
    ))
      add(name.trim(), ingress);
  const words = facts.components.flatMap((component) =>
    facts
      .configuration(component)
      .settings.flatMap(({ source, value }) =>
        source === 'argument' && value.includes('@kubernetescrd') ? [...value.slice(0, 4096).matchAll(provided)] : [],
      ),
  );
  const found = { by, everywhere: new Set(words.map(([word]) => word)) };
  return found;
});

export function traefikUse(middleware: KubeObject, facts: Facts, seen: readonly KubeObject[] = []): Use {
  if (seen.includes(middleware)) return { serves: [], dangling: 'a chain of itself' };
  const { by, everywhere } = middlewareUses(facts);
  const full = `${namespaceOf(middleware)}-${middleware.metadata.name}@kubernetescrd`;
  const users = [...(by.get(`${namespaceOf(middleware)}/${middleware.metadata.name}`) ?? []), ...(by.get(full) ?? [])];
  const ends = users.map((user) =>
    user.kind === 'Middleware' ? traefikUse(user, facts, [...seen, middleware]) : { serves: behind(user, facts) },
  );
  const used = everywhere.has(full) || ends.some((end: Use) => end.dangling === undefined);
  return {
    serves: ends.flatMap(({ serves }) => serves),
    dangling: used ? undefined : 'no route, chain or Ingress uses it',
  };
}

const kongAnnotation = 'konghq.com/upstream-policy';

export function kongUse(policy: KubeObject, facts: Facts): Use {
  const serves = facts.components
    .flatMap(({ services }) => services)
    .filter(
      (service) =>
        service.metadata.namespace === policy.metadata.namespace &&
        service.metadata.annotations?.[kongAnnotation] === policy.metadata.name,
    );
  return {
    serves,
    dangling: serves.length > 0 ? undefined : `no Service names it in ${kongAnnotation}`,
    weak:
      at(policy, 'spec', 'healthchecks', 'active') === undefined
        ? 'without active health checks beside it, a target that was taken out never comes back'
        : undefined,
  };
}
