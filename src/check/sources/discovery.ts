import { type Client, ReadError } from './client.ts';
import type { Resource } from './resources.ts';

/** What the API server serves, as far as it told. */
export type Served =
  | { as: { version: string; namespaced: boolean } }
  /** Proven: its list of groups is whole, and this is not in it. */
  | { absent: true }
  | { unknown: string };

export interface Discovery {
  of(resource: Resource): Served;
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const aggregatedBeta = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
const accept = `${aggregated},${aggregatedBeta},application/json`;

interface Version {
  version?: string;
  /** Stale: the extension server behind it could not be asked. */
  freshness?: string;
  resources?: { resource?: string; scope?: string }[];
}
interface Group {
  metadata?: { name?: string };
  versions?: Version[];
}

/**
 * Two requests for all groups and versions.
 *
 * @throws ReadError where not even that is answered
 */
export async function discover(client: Client): Promise<Discovery> {
  const [core, named] = await Promise.all([client.get('/api', accept), client.get('/apis', accept)]);
  const groups = new Map<string, Group>();
  for (const document of [core, named]) {
    for (const group of groupsOf(document)) groups.set(group.metadata?.name ?? '', group);
  }
  return { of: (resource) => served(groups.get(resource.group), resource) };
}

function groupsOf(document: unknown): Group[] {
  const { kind, items } = document as { kind?: string; items?: Group[] };
  // Before Kubernetes 1.27 the server answers with plain lists that name no resources.
  if (kind !== 'APIGroupDiscoveryList' || !Array.isArray(items)) {
    throw new ReadError(0, 'the server knows no aggregated discovery: Kubernetes 1.27 or newer is needed');
  }
  return items;
}

function served(group: Group | undefined, { group: name, versions, plural }: Resource): Served {
  if (!group) return { absent: true };
  const offered = group.versions ?? [];
  for (const version of versions) {
    const match = offered.find((one) => one.version === version)?.resources?.find((one) => one.resource === plural);
    if (match) return { as: { version, namespaced: match.scope !== 'Cluster' } };
  }
  const stale = offered.filter((one) => one.freshness === 'Stale').map((one) => one.version);
  if (stale.length > 0) return { unknown: `${name}/${stale.join(', ')} did not answer the API server` };
  const elsewhere = offered.filter((one) => one.resources?.some(({ resource }) => resource === plural));
  if (elsewhere.length === 0) return { absent: true };
  return { unknown: `served only as ${elsewhere.map((one) => one.version).join(', ')}, which is not understood` };
}

const builtInGroups = new Set(['', 'apps', 'batch', 'discovery.k8s.io', 'networking.k8s.io', 'policy', 'autoscaling']);

/** For users from whom discovery is withheld: what every cluster serves, and no word about the rest. */
export const withoutDiscovery = (reason: string): Discovery => ({
  of: ({ group, versions, reach }) =>
    builtInGroups.has(group)
      ? { as: { version: versions[0], namespaced: reach !== 'cluster' } }
      : { unknown: `discovery is not allowed: ${reason}` },
});
