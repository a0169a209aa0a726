import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Edge } from '../graph.ts';
import { keyOf, nameOf } from '../kube.ts';
import { amount, at, items, text, texts } from '../read.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';

const rules = 'destinationrules.networking.istio.io';
const routes = 'virtualservices.networking.istio.io';

/** A rule's host is relative to the rule's namespace, and only rules exported to the caller count. */
function concerns(rule: KubeObject, edge: Edge, facts: Facts): boolean {
  const host = text(at(rule, 'spec', 'host'));
  const namespace = rule.metadata.namespace ?? '';
  if (!host || !edge.service) return false;
  const exported = texts(at(rule, 'spec', 'exportTo'));
  const visible = exported.length === 0 || exported.includes('*') || exported.includes(edge.from.namespace);
  if (!visible && !(exported.includes('.') && namespace === edge.from.namespace)) return false;
  if (host.startsWith('*.'))
    return `${edge.service.metadata.name}.${edge.service.metadata.namespace}.svc.cluster.local`.endsWith(host.slice(1));
  const found = facts.resolve(host, undefined, namespace);
  return 'service' in found && found.service === edge.service;
}

/** 5xx errors trip at 5 unless set to 0; gateway errors only where they are set. */
const tripsAtAll = (outlier: unknown): boolean =>
  (amount(at(outlier, 'consecutive5xxErrors')) ?? amount(at(outlier, 'consecutiveErrors')) ?? 5) > 0 ||
  (amount(at(outlier, 'consecutiveGatewayErrors')) ?? 0) > 0;

function subsetIsRouted(subset: string, edge: Edge, facts: Facts): boolean {
  return facts.list(routes).some((route) =>
    ['http', 'tcp', 'tls'].some((protocol) =>
      items(at(route, 'spec', protocol)).some((entry) =>
        items(at(entry, 'route')).some((target) => {
          const host = text(at(target, 'destination', 'host'));
          const found = host ? facts.resolve(host, undefined, route.metadata.namespace ?? '') : undefined;
          return (
            at(target, 'destination', 'subset') === subset &&
            found !== undefined &&
            'service' in found &&
            found.service === edge.service
          );
        }),
      ),
    ),
  );
}

function policiesOf(rule: KubeObject, edge: Edge, facts: Facts): { policy: unknown; path: string; inert?: string }[] {
  const top = at(rule, 'spec', 'trafficPolicy');
  const policies: { policy: unknown; path: string; inert?: string }[] = [{ policy: top, path: 'spec.trafficPolicy' }];
  items(at(top, 'portLevelSettings')).forEach((policy, index) => {
    const port = amount(at(policy, 'port', 'number'));
    if (edge.port === undefined || port === edge.port)
      policies.push({ policy, path: `spec.trafficPolicy.portLevelSettings[${index}]` });
  });
  items(at(rule, 'spec', 'subsets')).forEach((subset, index) => {
    const name = text(at(subset, 'name')) ?? '';
    const inert = subsetIsRouted(name, edge, facts) ? undefined : `no route sends traffic to its subset ${name}`;
    policies.push({
      policy: at(subset, 'trafficPolicy'),
      path: `spec.subsets[${index}].trafficPolicy`,
      ...(inert ? { inert } : {}),
    });
  });
  return policies;
}

function guards(edge: Edge, facts: Facts): Breaker[] {
  const found: Breaker[] = [];
  for (const rule of facts.list(rules)) {
    if (!concerns(rule, edge, facts)) continue;
    for (const { policy, path, inert } of policiesOf(rule, edge, facts)) {
      const outlier = at(policy, 'outlierDetection');
      const off =
        outlier !== undefined && !tripsAtAll(outlier)
          ? 'both of its error counts are 0, which switches it off'
          : undefined;
      if (outlier !== undefined) found.push(breaker(rule, 'trips', `${path}.outlierDetection`, inert ?? off));
      if (at(policy, 'connectionPool') !== undefined)
        found.push(breaker(rule, 'limits', `${path}.connectionPool`, inert));
    }
  }
  for (const route of facts.list(routes)) {
    const hosts = texts(at(route, 'spec', 'hosts')).map((host) =>
      facts.resolve(host, undefined, route.metadata.namespace ?? ''),
    );
    if (!hosts.some((host) => 'service' in host && edge.service && keyOf(host.service) === keyOf(edge.service)))
      continue;
    const limits = items(at(route, 'spec', 'http')).findIndex(
      (entry) => at(entry, 'timeout') !== undefined || at(entry, 'retries') !== undefined,
    );
    if (limits >= 0) found.push(breaker(route, 'limits', `spec.http[${limits}]`, undefined));
  }
  return found;
}

const breaker = (object: KubeObject, kind: Breaker['kind'], path: string, inert: string | undefined): Breaker => ({
  technology: `Istio ${object.kind}`,
  kind,
  evidence: { object: nameOf(object), path },
  ...(inert ? { inert } : {}),
});

export const istio: BreakerTechnology = {
  name: 'Istio',
  mesh: 'istio',
  // In ambient mode a waypoint, which is a Gateway, stands for the proxy.
  parts: [rules, routes, 'gateways.gateway.networking.k8s.io'],
  guards,
};
