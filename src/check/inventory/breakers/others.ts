import type { KubeObject } from '../../sources/snapshot.ts';
import type { Edge } from '../graph.ts';
import { nameOf } from '../kube.ts';
import { amount, at, fields, items, text, texts } from '../read.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';

const breaker = (
  technology: string,
  kind: Breaker['kind'],
  object: KubeObject,
  path: string,
  inert: string | undefined,
): Breaker => ({
  technology,
  kind,
  evidence: { object: nameOf(object), path },
  ...(inert ? { inert } : {}),
});

const appId = (workloads: Edge['from']['workloads']): string | undefined =>
  workloads.map(({ podAnnotations }) => podAnnotations['dapr.io/app-id']).find(Boolean);

export const dapr: BreakerTechnology = {
  name: 'Dapr',
  mesh: 'dapr',
  parts: ['resiliencies.dapr.io'],
  guards: (edge, facts) => {
    const client = appId(edge.from.workloads);
    const target = edge.to && appId(edge.to.workloads);
    if (!client || !target) return [];
    return facts.list('resiliencies.dapr.io').flatMap((resiliency): Breaker[] => {
      const scopes = texts(resiliency.scopes);
      if (resiliency.metadata.namespace !== edge.from.namespace || (scopes.length > 0 && !scopes.includes(client)))
        return [];
      const policies = fields(at(resiliency, 'spec', 'policies', 'circuitBreakers'));
      const named = text(at(resiliency, 'spec', 'targets', 'apps', target, 'circuitBreaker'));
      const standing = ['DefaultAppCircuitBreakerPolicy', 'DefaultCircuitBreakerPolicy'].find((name) =>
        Object.hasOwn(policies, name),
      );
      if (!named && !standing) {
        return Object.keys(policies).length === 0
          ? []
          : [
              breaker(
                'Dapr Resiliency',
                'trips',
                resiliency,
                'spec.policies.circuitBreakers',
                `its targets do not use it for ${target}`,
              ),
            ];
      }
      const missing =
        named && !Object.hasOwn(policies, named) ? `it names the policy ${named}, which it does not define` : undefined;
      // A call to the address itself goes past the sidecar.
      const past = `the call goes to ${edge.host} directly and not through the sidecar`;
      return [breaker('Dapr Resiliency', 'trips', resiliency, `spec.targets.apps.${target}`, missing ?? past)];
    });
  },
};

const reaches = (target: unknown, edge: Edge): boolean => {
  const kind = text(at(target, 'kind'));
  if (target === undefined || kind === 'Mesh') return true;
  return kind === 'MeshService' && text(at(target, 'name'))?.split('_')[0] === edge.service?.metadata.name;
};

export const kuma: BreakerTechnology = {
  name: 'Kuma',
  mesh: 'kuma',
  parts: ['meshcircuitbreakers.kuma.io'],
  guards: (edge, facts) =>
    facts.list('meshcircuitbreakers.kuma.io').flatMap((policy): Breaker[] => {
      // Every mesh gets one with connection limits of 1,024: nobody chose it.
      if (policy.metadata.labels?.['kuma.io/policy-role'] === 'system') return [];
      return ['to', 'rules'].flatMap((list) =>
        items(at(policy, 'spec', list)).flatMap((entry, index): Breaker[] => {
          if (!reaches(at(entry, 'targetRef'), edge)) return [];
          const detectors = Object.keys(fields(at(entry, 'default', 'outlierDetection', 'detectors')));
          const off = at(entry, 'default', 'outlierDetection', 'disabled') === true ? 'it is disabled' : undefined;
          const path = `spec.${list}[${index}].default`;
          const kind = detectors.length > 0 ? 'trips' : 'limits';
          return [breaker('Kuma MeshCircuitBreaker', kind, policy, path, off)];
        }),
      );
    }),
};

export const consul: BreakerTechnology = {
  name: 'Consul',
  mesh: 'consul',
  parts: ['servicedefaults.consul.hashicorp.com'],
  guards: (edge, facts) =>
    facts
      .list('servicedefaults.consul.hashicorp.com')
      .filter(({ metadata }) => metadata.name === edge.from.name)
      .flatMap((defaults): Breaker[] => {
        const config = at(defaults, 'spec', 'upstreamConfig');
        const own = items(at(config, 'overrides')).find(
          (override) => at(override, 'name') === edge.service?.metadata.name,
        );
        const check = at(own ?? at(config, 'defaults'), 'passiveHealthCheck');
        if (check === undefined) return [];
        const off =
          (amount(at(check, 'maxFailures')) ?? 0) === 0 ? 'maxFailures is 0, which switches it off' : undefined;
        return [breaker('Consul ServiceDefaults', 'trips', defaults, 'spec.upstreamConfig', off)];
      }),
};

/** Whether a field of that name stands anywhere inside; bounded, for free-form Envoy configuration. */
function mentions(value: unknown, name: string, depth = 0): boolean {
  if (depth > 20) return false;
  if (Array.isArray(value)) return value.some((item) => mentions(item, name, depth + 1));
  return Object.entries(fields(value)).some(([key, inner]) => key === name || mentions(inner, name, depth + 1));
}

export const cilium: BreakerTechnology = {
  name: 'Cilium',
  parts: ['ciliumclusterwideenvoyconfigs.cilium.io', 'ciliumenvoyconfigs.cilium.io'],
  guards: (edge, facts) =>
    ['ciliumclusterwideenvoyconfigs.cilium.io', 'ciliumenvoyconfigs.cilium.io'].flatMap((part) =>
      facts.list(part).flatMap((config): Breaker[] => {
        const services = [...items(at(config, 'spec', 'services')), ...items(at(config, 'spec', 'backendServices'))];
        const own = services.some(
          (service) =>
            at(service, 'name') === edge.service?.metadata.name &&
            (text(at(service, 'namespace')) ?? '') === edge.service?.metadata.namespace,
        );
        if (!own) return [];
        const resources = at(config, 'spec', 'resources');
        if (mentions(resources, 'outlier_detection'))
          return [breaker('Cilium Envoy configuration', 'trips', config, 'spec.resources', undefined)];
        return mentions(resources, 'circuit_breakers')
          ? [breaker('Cilium Envoy configuration', 'limits', config, 'spec.resources', undefined)]
          : [];
      }),
    ),
};
