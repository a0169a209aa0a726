import { type Resource, resources } from '../resources/resources.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Client, ReadError } from './client.ts';

/** What the API server serves, as far as it told. */
export type Served =
  | { as: { version: string; namespaced: boolean } }
  /** Proven: its list of groups is whole, and this is not in it. */
  | { absent: true }
  | { unknown: string };

/** What the API server serves, by kind. */
export interface Discovery {
  of(resource: Resource): Served;
  /** All of it, for a recording; undefined where the server would not tell. */
  all?: Snapshot['served'];
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
 * Two requests for all groups and versions; one a version more where the server is older than Kubernetes 1.27.
 *
 * @throws ReadError where not even that is answered
 */
export async function discover(client: Client): Promise<Discovery> {
  const [core, named] = await Promise.all([client.get('/api', accept), client.get('/apis', accept)]);
  const found =
    isAggregated(core) && isAggregated(named) ? [...core.items, ...named.items] : await askEach(client, core, named);
  const groups = new Map(found.map((group) => [group.metadata?.name ?? '', group]));
  return { of: (resource) => served(groups.get(resource.group), resource), all: allOf(found) };
}

const isAggregated = (document: unknown): document is { items: Group[] } => {
  const { kind, items } = (document ?? {}) as { kind?: unknown; items?: unknown };
  return kind === 'APIGroupDiscoveryList' && Array.isArray(items);
};

/** Plain discovery names groups and versions; what is in one is a question of its own, asked for what is in the table. */
async function askEach(client: Client, core: unknown, named: unknown): Promise<Group[]> {
  const { versions } = core as { versions?: unknown };
  const { groups } = named as { groups?: unknown };
  if (!Array.isArray(versions) || !Array.isArray(groups))
    throw new ReadError(0, 'the answer names no groups of resources');
  const known = new Set(resources.map(({ group }) => group));
  const all: { name: string; versions: { version: string }[] }[] = [
    { name: '', versions: versions.map((version) => ({ version })) },
    ...groups,
  ];
  return Promise.all(
    all.map(async ({ name, versions: offered }) => ({
      metadata: { name },
      versions: await Promise.all(
        offered.map(({ version }) => (known.has(name) ? askVersion(client, name, version) : unasked(version))),
      ),
    })),
  );
}

const unasked = (version: string): Version => ({ version, freshness: 'Stale' });

async function askVersion(client: Client, group: string, version: string): Promise<Version> {
  try {
    const list = await client.get(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
    const { resources: offered = [] } = list as { resources?: { name: string; namespaced?: boolean }[] };
    return {
      version,
      resources: offered.map(({ name, namespaced }) => ({
        resource: name,
        scope: namespaced ? 'Namespaced' : 'Cluster',
      })),
    };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    // Named a moment ago and not answering: an extension server that is down, of which nothing is proven.
    return unasked(version);
  }
}

function allOf(groups: readonly Group[]): NonNullable<Discovery['all']> {
  const named = groups.map(({ metadata, versions = [] }) => ({ group: metadata?.name ?? '', versions }));
  const ids = named.flatMap(({ group, versions }) =>
    versions
      .flatMap(({ resources: offered = [] }) => offered.flatMap(({ resource }) => resource ?? []))
      // Plain discovery names subresources too.
      .filter((plural) => !plural.includes('/'))
      .map((plural) => (group === '' ? plural : `${plural}.${group}`)),
  );
  const stale = named.filter(({ versions }) => versions.some(({ freshness }) => freshness === 'Stale'));
  return { resources: [...new Set(ids)].sort(), unanswered: stale.map(({ group }) => group).sort() };
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
