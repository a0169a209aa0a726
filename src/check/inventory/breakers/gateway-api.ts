import type { KubeObject } from '../../sources/snapshot.ts';
import type { Edge } from '../graph/edges.ts';
import { at, condition, items, text } from '../kubernetes/fields.ts';
import { perRun } from '../per-run.ts';
import { type Breaker, type BreakerTechnology, breakerOf } from './breaker.ts';

const routes = ['httproutes.gateway.networking.k8s.io', 'grpcroutes.gateway.networking.k8s.io'];
const policies = 'xbackendtrafficpolicies.gateway.networking.x-k8s.io';

const isFor = (reference: unknown, object: KubeObject, { service }: Edge): boolean =>
  at(reference, 'kind') === 'Service' &&
  at(reference, 'name') === service?.metadata.name &&
  (text(at(reference, 'namespace')) ?? object.metadata.namespace) === service?.metadata.namespace;

const accepted = (object: KubeObject, list: 'parents' | 'ancestors'): boolean =>
  items(at(object, 'status', list)).some((each) => condition(each, 'Accepted') === true);

/** Routes for calls inside a mesh: their parent is a Service. */
const meshRoutes = perRun((facts): readonly KubeObject[] =>
  routes
    .flatMap((part) => facts.list(part))
    .filter((route) => items(at(route, 'spec', 'parentRefs')).some((parent) => at(parent, 'kind') === 'Service')),
);

/** What the Gateway API itself has for calls inside a mesh: timeouts and retries. It has no breaker. */
export const gatewayApi: BreakerTechnology = {
  name: 'Gateway API',
  parts: [...routes, policies],
  guards: (edge, facts) => [
    ...meshRoutes(facts).flatMap((route): Breaker[] => {
      if (!items(at(route, 'spec', 'parentRefs')).some((parent) => isFor(parent, route, edge))) return [];
      const limits = items(at(route, 'spec', 'rules')).findIndex(
        (rule) => at(rule, 'timeouts') !== undefined || at(rule, 'retry') !== undefined,
      );
      return limits >= 0 && accepted(route, 'parents')
        ? [breakerOf(`Gateway API ${route.kind}`, 'limits', route, `spec.rules[${limits}]`)]
        : [];
    }),
    ...facts
      .list(policies)
      .filter(
        (policy) =>
          items(at(policy, 'spec', 'targetRefs')).some((target) => isFor(target, policy, edge)) &&
          at(policy, 'spec', 'retryConstraint') !== undefined &&
          accepted(policy, 'ancestors'),
      )
      .map((policy) => breakerOf('Gateway API XBackendTrafficPolicy', 'limits', policy, 'spec.retryConstraint')),
  ],
};
