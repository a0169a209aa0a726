import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, condition, items, text } from '../kubernetes/fields.ts';
import { selects } from '../kubernetes/selectors.ts';
import { type KubeService, nameOf, namespaceOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { routesOf } from '../traffic/routes/routes.ts';

/** Why an object does nothing. unused: nothing names it · refused: what it is attached to does not take it · pending: nobody took it up. */
export interface Idle {
  kind: 'unused' | 'refused' | 'pending';
  why: string;
}

const unused = (why: string): Idle => ({ kind: 'unused', why });

/** What an object of a gateway is good for: the services it stands before, or why it does nothing. */
export interface Use {
  serves: readonly KubeService[];
  idle?: Idle | undefined;
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

export const gatewayRoutes = ['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes', 'udproutes'].map(
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
  // A kind that is not looked at may well be there.
  const known = [...references, ...selectors].every((each) => envoyTargets.has(text(at(each, 'kind')) ?? ''));
  return {
    serves: routes.flatMap((route) => behind(route, facts)),
    idle: targets.length === 0 && known ? unused('it targets nothing that exists') : untaken(policy),
  };
}

const envoyTargets = new Set(['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute']);

/** What its status says of a policy that is attached. */
function untaken(policy: KubeObject): Idle | undefined {
  const ancestors = items(at(policy, 'status', 'ancestors'));
  if (ancestors.some((each) => condition(each, 'Accepted') === true)) return undefined;
  return ancestors.some((each) => condition(each, 'Accepted') === false)
    ? { kind: 'refused', why: 'its status says it was not accepted' }
    : { kind: 'pending', why: 'no controller has taken it up (status.ancestors is empty)' };
}

export const traefikRoutes = ['traefik.io', 'traefik.containo.us'].map((group) => `ingressroutes.${group}`);
export const middlewares = ['traefik.io', 'traefik.containo.us'].map((group) => `middlewares.${group}`);
export const ingresses = 'ingresses.networking.k8s.io';

interface MiddlewareUses {
  /** Routes, Ingresses and chains by the middleware that they name: "shop/careful". */
  by: ReadonlyMap<string, readonly KubeObject[]>;
  /** Named in a program's own settings, for every request or for routes that stand there: "shop-careful@kubernetescrd". */
  everywhere: ReadonlySet<string>;
}

/** "shop/careful", or as routes of other providers write it: "shop-careful@kubernetescrd". */
const keyed = (reference: unknown, from: string): string => {
  const name = text(at(reference, 'name')) ?? '';
  return name.includes('@') ? name : `${text(at(reference, 'namespace')) ?? from}/${name}`;
};
const provided = /[a-z0-9][a-z0-9.-]{0,126}@kubernetescrd/g;
/** Longer settings are data. */
const longest = 64 * 1024;

/** Who names which middleware: routes, also through a chain; Ingresses by annotation; the program by its arguments. */
const middlewareUses = perRun((facts): MiddlewareUses => {
  const by = new Map<string, KubeObject[]>();
  const add = (key: string, user: KubeObject): void => append(by, key, user);
  const all = (parts: readonly string[]): KubeObject[] => parts.flatMap((part) => [...facts.list(part)]);
  for (const route of all(traefikRoutes))
    for (const entry of items(at(route, 'spec', 'routes')))
      for (const user of [entry, ...items(at(entry, 'services'))])
        for (const each of items(at(user, 'middlewares'))) add(keyed(each, namespaceOf(route)), route);
  for (const route of all(gatewayRoutes))
    for (const rule of items(at(route, 'spec', 'rules')))
      for (const user of [rule, ...items(at(rule, 'backendRefs'))])
        for (const filter of items(at(user, 'filters')))
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
      .settings.flatMap(({ value }) =>
        value.includes('@kubernetescrd') ? [...value.slice(0, longest).matchAll(provided)] : [],
      ),
  );
  const found = { by, everywhere: new Set(words.map(([word]) => word)) };
  return found;
});

export function traefikUse(middleware: KubeObject, facts: Facts, seen: readonly KubeObject[] = []): Use {
  if (seen.includes(middleware)) return { serves: [], idle: unused('a chain of itself') };
  const { by, everywhere } = middlewareUses(facts);
  const full = `${namespaceOf(middleware)}-${middleware.metadata.name}@kubernetescrd`;
  const users = [...(by.get(`${namespaceOf(middleware)}/${middleware.metadata.name}`) ?? []), ...(by.get(full) ?? [])];
  const ends = users.map((user) =>
    user.kind === 'Middleware' ? traefikUse(user, facts, [...seen, middleware]) : { serves: behind(user, facts) },
  );
  const used = everywhere.has(full) || ends.some((end: Use) => end.idle === undefined);
  return {
    serves: ends.flatMap(({ serves }) => serves),
    idle: used ? undefined : unused('no route, chain or Ingress uses it'),
  };
}

const kongAnnotation = 'konghq.com/upstream-policy';

export function kongUse(policy: KubeObject, facts: Facts): Use {
  const named = facts
    .list('services')
    .filter(
      ({ metadata }) =>
        metadata.namespace === policy.metadata.namespace &&
        metadata.annotations?.[kongAnnotation] === policy.metadata.name,
    );
  const serves = named.flatMap((service) => facts.service(namespaceOf(service), service.metadata.name) ?? []);
  return {
    serves,
    idle: serves.length > 0 ? undefined : unused(`no Service names it in ${kongAnnotation}`),
    weak:
      at(policy, 'spec', 'healthchecks', 'active') === undefined
        ? 'without active health checks beside it, a target that was taken out never comes back'
        : undefined,
  };
}
