import type { Evidence } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { type KubeService, nameOf } from '../kube.ts';
import { selects } from '../labels.ts';
import type { Part } from '../part.ts';
import { at, condition, fields, items, text } from '../read.ts';
import { routeParts, routeStateParts, routesOf } from '../routes.ts';

/** What a gateway is told to do when a service behind it fails. */
export interface GatewayBreaker {
  technology: string;
  kind: 'trips' | 'limits';
  /** The services before which it stands. */
  serves: KubeService[];
  /** Why it has no effect, where that is proven. */
  idle?: string;
  /** What it lacks, though it works. */
  weak?: string;
  evidence: Evidence;
}

interface Use {
  serves: KubeService[];
  idle?: string | undefined;
  weak?: string | undefined;
}

interface GatewayTechnology {
  technology: string;
  /** Objects that may hold such a policy. */
  parts: readonly Part[];
  /** Objects that use them: only where all were read can one be called idle. */
  users: readonly Part[];
  /** What stands at a path of the object, if it is a policy of that kind at all. */
  policy(object: KubeObject): { kind: GatewayBreaker['kind']; path: string } | undefined;
  use(object: KubeObject, facts: Facts): Use;
}

const home = ({ metadata }: KubeObject): string => metadata.namespace ?? '';
const isNamed = (reference: unknown, object: KubeObject, from: string): boolean =>
  at(reference, 'name') === object.metadata.name && (text(at(reference, 'namespace')) ?? from) === home(object);

/** Services that the routes of an object lead to. */
const behind = (route: KubeObject, facts: Facts): KubeService[] =>
  routesOf(facts).flatMap(({ evidence, service }) => (evidence.object === nameOf(route) && service ? [service] : []));

const gatewayRoutes = ['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes'].map(
  (plural) => `${plural}.gateway.networking.k8s.io`,
);
const gateways = 'gateways.gateway.networking.k8s.io';

/** Envoy Gateway: a policy names Gateways and routes of its namespace, or selects them by labels. */
function envoyUse(policy: KubeObject, facts: Facts): Use {
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

const traefikRoutes = ['traefik.io', 'traefik.containo.us'].map((group) => `ingressroutes.${group}`);
const middlewares = ['traefik.io', 'traefik.containo.us'].map((group) => `middlewares.${group}`);
const ingresses = 'ingresses.networking.k8s.io';

/** Traefik: routes name middlewares, also through a chain; Ingresses by annotation; the program by its arguments. */
function traefikUse(middleware: KubeObject, facts: Facts, seen: readonly KubeObject[] = []): Use {
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

function kongUse(policy: KubeObject, facts: Facts): Use {
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

const apisixRoutes = 'apisixroutes.apisix.apache.org';
const breaks = (plugins: unknown): boolean =>
  items(plugins).some((plugin) => at(plugin, 'name') === 'api-breaker' && at(plugin, 'enable') !== false);

/** One row a technology: what it is called, where its policy stands, and who uses it. */
const technologies: readonly GatewayTechnology[] = [
  {
    technology: 'Envoy Gateway',
    parts: ['backendtrafficpolicies.gateway.envoyproxy.io'],
    users: [gateways, ...gatewayRoutes],
    policy: (object) =>
      at(object, 'spec', 'healthCheck', 'passive') !== undefined
        ? { kind: 'trips', path: 'spec.healthCheck.passive' }
        : at(object, 'spec', 'circuitBreaker') !== undefined
          ? { kind: 'limits', path: 'spec.circuitBreaker' }
          : undefined,
    use: envoyUse,
  },
  {
    technology: 'Traefik',
    parts: middlewares,
    users: [...traefikRoutes, ...gatewayRoutes, ingresses, ...middlewares],
    policy: (object) =>
      at(object, 'spec', 'circuitBreaker') === undefined ? undefined : { kind: 'trips', path: 'spec.circuitBreaker' },
    use: (object, facts) => traefikUse(object, facts),
  },
  {
    technology: 'Kong',
    parts: ['kongupstreampolicies.configuration.konghq.com'],
    users: ['services'],
    policy: (object) =>
      at(object, 'spec', 'healthchecks', 'passive', 'unhealthy') === undefined
        ? undefined
        : { kind: 'trips', path: 'spec.healthchecks.passive' },
    use: kongUse,
  },
  {
    technology: 'APISIX',
    parts: ['apisixupstreams.apisix.apache.org'],
    users: ['services'],
    policy: (object) =>
      at(object, 'spec', 'healthCheck', 'passive') === undefined
        ? undefined
        : { kind: 'trips', path: 'spec.healthCheck.passive' },
    // It belongs to the Service of its own name.
    use: (object, facts) => {
      const service = facts.service(home(object), object.metadata.name);
      return service
        ? { serves: [service] }
        : { serves: [], idle: `there is no Service ${object.metadata.name} in its namespace` };
    },
  },
  {
    technology: 'APISIX',
    parts: [apisixRoutes],
    users: [],
    policy: (object) =>
      items(at(object, 'spec', 'http')).some((entry) => breaks(at(entry, 'plugins')))
        ? { kind: 'trips', path: 'spec.http[*].plugins' }
        : undefined,
    use: (object, facts) => ({ serves: behind(object, facts) }),
  },
  {
    technology: 'APISIX',
    parts: ['apisixpluginconfigs.apisix.apache.org'],
    users: [apisixRoutes],
    policy: (object) => (breaks(at(object, 'spec', 'plugins')) ? { kind: 'trips', path: 'spec.plugins' } : undefined),
    use: (object, facts) => {
      const routes = facts
        .list(apisixRoutes)
        .filter(
          (route) =>
            home(route) === home(object) &&
            items(at(route, 'spec', 'http')).some((entry) => at(entry, 'plugin_config_name') === object.metadata.name),
        );
      return {
        serves: routes.flatMap((route) => behind(route, facts)),
        idle: routes.length > 0 ? undefined : 'no route names it (plugin_config_name)',
      };
    },
  },
  {
    technology: 'Emissary',
    parts: ['mappings.getambassador.io'],
    users: [],
    policy: (object) =>
      items(at(object, 'spec', 'circuit_breakers')).length > 0
        ? { kind: 'limits', path: 'spec.circuit_breakers' }
        : undefined,
    use: (object, facts) => ({ serves: behind(object, facts) }),
  },
  {
    technology: 'Emissary',
    parts: ['modules.getambassador.io'],
    users: [],
    policy: (object) =>
      items(at(object, 'spec', 'config', 'circuit_breakers')).length > 0
        ? { kind: 'limits', path: 'spec.config.circuit_breakers' }
        : undefined,
    use: (_, facts) => ({
      serves: facts.list('mappings.getambassador.io').flatMap((mapping) => behind(mapping, facts)),
    }),
  },
  {
    technology: 'Contour',
    parts: ['services'],
    users: [],
    policy: (object) => {
      const key = Object.keys(fields(object.metadata.annotations)).find((name) =>
        /^projectcontour\.io\/max-(connections|pending-requests|requests|retries)$/.test(name),
      );
      return key === undefined ? undefined : { kind: 'limits', path: `metadata.annotations["${key}"]` };
    },
    use: (object, facts) => {
      const service = facts.service(home(object), object.metadata.name);
      return { serves: service ? [service] : [] };
    },
  },
];

export const gatewayParts: readonly Part[] = [
  ...new Set([...technologies.flatMap(({ parts, users }) => [...parts, ...users]), ...routeParts, ...routeStateParts]),
];

const caches = new WeakMap<Facts['parties'], readonly GatewayBreaker[]>();

/** Every policy of a gateway that is about failing services, with what it serves. */
export function gatewayBreakers(facts: Facts): readonly GatewayBreaker[] {
  const known = caches.get(facts.parties);
  if (known) return known;
  const found = technologies.flatMap(({ technology, parts, users, policy, use }) =>
    parts.flatMap((part) =>
      facts.list(part).flatMap((object): GatewayBreaker[] => {
        const own = policy(object);
        if (!own) return [];
        const { serves, idle, weak } = use(object, facts);
        const proven = idle && users.every((user) => facts.ledger.complete(user, home(object)));
        return [
          {
            technology: `${technology} (${object.kind} ${object.metadata.name})`,
            kind: own.kind,
            serves,
            evidence: { object: nameOf(object), path: own.path },
            ...(proven ? { idle } : {}),
            ...(weak ? { weak } : {}),
          },
        ];
      }),
    ),
  );
  caches.set(facts.parties, found);
  return found;
}
