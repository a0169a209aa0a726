import type { Evidence, GroupResource } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, fields, items } from '../kubernetes/fields.ts';
import { type KubeService, nameOf, namespaceOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { routeParts, routeStateParts } from '../traffic/routes/routes.ts';
import {
  behind,
  envoyUse,
  gatewayRoutes,
  gateways,
  type Idle,
  ingresses,
  kongUse,
  middlewares,
  traefikRoutes,
  traefikUse,
  type Use,
} from './gateway-uses.ts';

/** What a gateway is told to do when a service behind it fails. */
export interface GatewayBreaker {
  technology: string;
  kind: 'trips' | 'limits';
  /** The services before which it stands. */
  serves: readonly KubeService[];
  /** Why it has no effect, where that is proven. */
  idle?: Idle;
  /** What it lacks, though it works. */
  weak?: string;
  evidence: Evidence;
}

interface GatewayTechnology {
  technology: string;
  /** Objects that may hold such a policy. */
  parts: readonly GroupResource[];
  /** Objects that use them: only where all were read can one be called idle. */
  users: readonly GroupResource[];
  /** Those of other namespaces may use them too. */
  anywhere?: true;
  /** What stands at a path of the object, if it is a policy of that kind at all. */
  policy(object: KubeObject): { kind: GatewayBreaker['kind']; path: string } | undefined;
  use(object: KubeObject, facts: Facts): Use;
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
    // Its own settings name them too: in arguments, variables and files.
    users: [...traefikRoutes, ...gatewayRoutes, ingresses, ...middlewares, 'pods', 'configmaps'],
    anywhere: true,
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
    users: ['services', apisixRoutes],
    policy: (object) =>
      at(object, 'spec', 'healthCheck', 'passive') === undefined
        ? undefined
        : { kind: 'trips', path: 'spec.healthCheck.passive' },
    // It belongs to the Service of its own name, or to the routes that name it.
    use: (object, facts) => {
      const service = facts.service(namespaceOf(object), object.metadata.name);
      const routes = facts
        .list(apisixRoutes)
        .filter(
          (route) =>
            namespaceOf(route) === namespaceOf(object) &&
            items(at(route, 'spec', 'http')).some((entry) =>
              items(at(entry, 'upstreams')).some((upstream) => at(upstream, 'name') === object.metadata.name),
            ),
        );
      const why = `there is no Service ${object.metadata.name} in its namespace, and no route names it`;
      return {
        serves: [...(service ? [service] : []), ...routes.flatMap((route) => behind(route, facts))],
        idle: service || routes.length > 0 ? undefined : { kind: 'unused', why },
      };
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
            namespaceOf(route) === namespaceOf(object) &&
            items(at(route, 'spec', 'http')).some((entry) => at(entry, 'plugin_config_name') === object.metadata.name),
        );
      return {
        serves: routes.flatMap((route) => behind(route, facts)),
        idle: routes.length > 0 ? undefined : { kind: 'unused', why: 'no route names it (plugin_config_name)' },
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
      const service = facts.service(namespaceOf(object), object.metadata.name);
      return { serves: service ? [service] : [] };
    },
  },
];

export const gatewayParts: readonly GroupResource[] = [
  ...new Set([...technologies.flatMap(({ parts, users }) => [...parts, ...users]), ...routeParts, ...routeStateParts]),
];

/** Every policy of a gateway that is about failing services, with what it serves. */
export const gatewayBreakers = perRun((facts): readonly GatewayBreaker[] =>
  technologies.flatMap(({ technology, parts, users, anywhere, policy, use }) =>
    parts.flatMap((part) =>
      facts.list(part).flatMap((object): GatewayBreaker[] => {
        const own = policy(object);
        if (!own) return [];
        const { serves, idle, weak } = use(object, facts);
        const proven =
          idle && users.every((user) => facts.ledger.complete(user, anywhere ? undefined : namespaceOf(object)));
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
  ),
);
