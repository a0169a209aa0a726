import type { GroupResource } from '../../contract.ts';
import type { KubeObject } from '../snapshot.ts';

/**
 * Namespaces outside the scope whose pods and configuration say something about services in it: those that an address
 * in the scope leads to, those of agents that read the nodes' logs, and those of gateways and meshes.
 */
export function relatedNamespaces(
  objects: ReadonlyMap<GroupResource, readonly KubeObject[]>,
  scope: readonly string[],
): string[] {
  const known = new Set<string>();
  for (const { metadata } of objects.get('services') ?? []) known.add(metadata.namespace ?? '');
  for (const { metadata } of objects.get('namespaces') ?? []) known.add(metadata.name);
  const found = new Set<string>();
  for (const [part, list] of objects) {
    if (unaddressed.has(part)) continue;
    for (const object of list) {
      if (part === 'daemonsets.apps' && readsLogs(object)) found.add(object.metadata.namespace ?? '');
      if (hosts.has(part)) found.add(object.metadata.namespace ?? '');
      if (!scope.includes(object.metadata.namespace ?? '')) continue;
      for (const namespace of addressed(object)) if (known.has(namespace)) found.add(namespace);
    }
  }
  if (known.has('istio-system')) found.add('istio-system');
  for (const namespace of scope) found.delete(namespace);
  found.delete('');
  return [...found].sort();
}

/** What holds no addresses of other namespaces, or only those that the cluster itself wrote. */
const unaddressed: ReadonlySet<GroupResource> = new Set([
  'services',
  'endpointslices.discovery.k8s.io',
  'replicasets.apps',
  'nodes',
  'namespaces',
]);

/** Objects whose controllers keep their pods beside them. */
const hosts: ReadonlySet<GroupResource> = new Set([
  'gateways.gateway.networking.k8s.io',
  'opentelemetrycollectors.opentelemetry.io',
  'jaegers.jaegertracing.io',
]);

function readsLogs(daemonSet: KubeObject): boolean {
  const text = JSON.stringify(daemonSet.spec ?? {});
  return /"hostPath":\{[^}]*"path":"\/(var\/log|var\/lib\/docker\/containers|"|var\/?")/.test(text);
}

/** The second label of every `service.namespace`, `service.namespace.svc…` in the object's text, right or not. */
function addressed(object: KubeObject): Set<string> {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = object;
  const text = JSON.stringify(rest);
  const found = new Set<string>();
  for (const match of text.matchAll(/[a-z0-9]\.([a-z0-9-]{1,63})(?=\.svc|[:/"\\'\s,])/g)) found.add(match[1] ?? '');
  return found;
}
