import type { Snapshot } from '../../sources/snapshot.ts';
import { text } from '../kubernetes/fields.ts';
import { type KubeService, keyOf, nameOf, type Pod } from '../kubernetes/types.ts';
import type { Ledger } from '../ledger.ts';
import type { Directory } from './dns.ts';
import { givenNames } from './given-names.ts';

/** What a name is looked up in: Services, namespaces and addresses, and how much of them was read. */
export const directoryOf = (
  { objects, shared }: Pick<Snapshot, 'objects' | 'shared'>,
  services: readonly KubeService[],
  ledger: Ledger,
): Directory => ({
  services: new Map(services.map((object) => [keyOf(object), object])),
  namespaces: new Set([
    ...(objects.get('namespaces') ?? []).map(({ metadata }) => metadata.name),
    ...services.flatMap(({ metadata }) => metadata.namespace ?? []),
  ]),
  given: givenNames((part) => objects.get(part) ?? [], ledger),
  addresses: addressesOf(services, (objects.get('pods') ?? []) as readonly Pod[]),
  complete: (namespace) => !shared?.has(namespace) && ledger.complete('services', namespace),
  allNamespaces: ledger.complete('namespaces') || ledger.complete('services'),
});

function addressesOf(services: readonly KubeService[], pods: readonly Pod[]): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  // Pods on the node's own network share its address.
  for (const pod of pods) if (pod.status?.podIP && !pod.spec?.hostNetwork) known.set(pod.status.podIP, nameOf(pod));
  for (const object of services) {
    const ip = text(object.spec.clusterIP);
    if (ip && ip !== 'None') known.set(ip, nameOf(object));
  }
  return known;
}
