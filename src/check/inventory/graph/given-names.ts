import type { GroupResource } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import { at, texts } from '../kubernetes/fields.ts';
import { isExportedTo } from '../kubernetes/istio-export.ts';
import { keyOf } from '../kubernetes/types.ts';
import type { Ledger } from '../ledger.ts';

const entries = 'serviceentries.networking.istio.io';
const imports: readonly GroupResource[] = ['serviceimports.multicluster.x-k8s.io', 'serviceimports.net.gke.io'];

/** Objects that give names which no Service has. */
export const namingParts: readonly GroupResource[] = [entries, ...imports];

/** Names that something other than a Service answers to. */
export interface GivenNames {
  /** By an entry of a mesh, seen from a namespace; undefined where one may stand that was not read. */
  byMesh(host: string, from: string): boolean | undefined;
  /** Of a service of several clusters ("shop/orders" of `orders.shop.svc.clusterset.local`); undefined as above. */
  byClusterSet(key: string): boolean | undefined;
}

/** As a resolver completes it: by the namespace, by the cluster's domain, or not at all. */
const completed = (host: string, from: string): string[] => [
  host,
  `${host}.cluster.local`,
  `${host}.svc.cluster.local`,
  `${host}.${from}.svc.cluster.local`,
];

export function givenNames(list: (part: GroupResource) => readonly KubeObject[], ledger: Ledger): GivenNames {
  const byHost = new Map<string, KubeObject[]>();
  const wildcards: { suffix: string; entry: KubeObject }[] = [];
  for (const entry of list(entries))
    for (const host of texts(at(entry, 'spec', 'hosts'))) {
      const name = host.toLowerCase();
      if (name.startsWith('*')) wildcards.push({ suffix: name.slice(1), entry });
      else byHost.set(name, [...(byHost.get(name) ?? []), entry]);
    }
  const imported = new Set(imports.flatMap((part) => list(part).map(keyOf)));
  const entriesKnown = ledger.complete(entries);
  const importsKnown = imports.every((part) => ledger.complete(part));
  return {
    byMesh: (host, from) => {
      const names = completed(host.replace(/\.$/, ''), from);
      const given =
        names.some((name) => byHost.get(name)?.some((entry) => isExportedTo(entry, from))) ||
        wildcards.some(({ suffix, entry }) => names.some((name) => name.endsWith(suffix)) && isExportedTo(entry, from));
      return given || (entriesKnown ? false : undefined);
    },
    byClusterSet: (key) => imported.has(key) || (importsKnown ? false : undefined),
  };
}
