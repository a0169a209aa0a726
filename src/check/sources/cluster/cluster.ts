import { UserError } from '../../../errors.ts';
import type { Ports } from '../../../ports.ts';
import type { GroupResource, ReadOutcome } from '../../contract.ts';
import { projectionVersion, type Resource, resources } from '../resources/resources.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import { type Client, type ClientLimits, createClient, ReadError } from './client.ts';
import { connectionError } from './connection-error.ts';
import { type Discovery, discover, withoutDiscovery } from './discovery.ts';
import { type Connection, connect } from './kubeconfig.ts';
import { type Listed, type Reader, readList } from './list.ts';
import { relatedNamespaces } from './related-namespaces.ts';
import { textBudget } from './text-budget.ts';
import { outcomesOf } from './truncated-lists.ts';

/** Which cluster, as whom, and what of it is read. */
export interface ClusterOptions {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  /** Whose services are judged; without it the context's namespace. */
  namespaces?: readonly string[] | 'all' | undefined;
  /** Only these are read, the rest is skipped in the ledger; without it everything. */
  parts?: ReadonlySet<GroupResource> | undefined;
  /** Milliseconds for the whole run; what is not read by then is in the ledger as an error. */
  deadline?: number | undefined;
  /** Milliseconds that the server may be silent. */
  idle?: number | undefined;
}

const defaults = { deadline: 300_000, idle: 20_000, concurrency: 8 };

/** What evidence outside the judged namespaces is made of: agents and collectors, and their configuration. */
const relatedParts: ReadonlySet<GroupResource> = new Set([
  'pods',
  'configmaps',
  'deployments.apps',
  'statefulsets.apps',
  'replicasets.apps',
]);

/**
 * Reads a live cluster. What could not be read is in the ledger; only a cluster that cannot be asked at all is an error.
 *
 * @throws UserError of the kubeconfig and an unknown namespace (exit code 2), of contact (4)
 */
export async function readCluster(options: ClusterOptions, ports: Ports): Promise<Snapshot> {
  const connection = await connect(options, ports);
  const client = createClient(connection, clientLimits(options, ports));
  try {
    return await read(client, connection, options, ports);
  } finally {
    client.close();
  }
}

export const clientLimits = (options: ClusterOptions, { signal }: Pick<Ports, 'signal'>): ClientLimits => ({
  concurrency: defaults.concurrency,
  idle: options.idle ?? defaults.idle,
  signal: AbortSignal.any([signal, AbortSignal.timeout(options.deadline ?? defaults.deadline)]),
});

/** Namespaces that are judged, sorted; null for all. */
export function scopeOf({ namespaces }: ClusterOptions, connection: Connection): string[] | null {
  const asked = namespaces ?? [connection.namespace];
  return asked === 'all' ? null : [...new Set(asked)].sort();
}

async function read(client: Client, connection: Connection, options: ClusterOptions, ports: Ports): Promise<Snapshot> {
  const scope = scopeOf(options, connection);
  ports.progress.step(`Asking ${connection.context} what it serves`);
  const [{ discovery, version }] = await Promise.all([
    greet(client, connection),
    ...(scope ?? []).map((namespace) => mustExist(client, namespace, connection)),
  ]);

  const wanted = resources.filter(({ part }) => options.parts?.has(part) ?? true);
  const skipped = resources.filter((resource) => !wanted.includes(resource)).map(outcomeOf('skipped'));
  ports.progress.step(scope ? `Reading ${scope.join(', ')} and what it stands on` : 'Reading all namespaces');
  const reader: Reader = { client, room: textBudget() };
  const first = (await Promise.all(wanted.map((one) => readResource(reader, discovery, one, scope)))).flat();
  ports.signal.throwIfAborted();

  const around = scope ? relatedNamespaces(objectsOf(first), scope) : [];
  if (around.length > 0) ports.progress.step(`Reading ${around.join(', ')}, where more evidence lives`);
  const nearby = wanted.filter(({ part }) => relatedParts.has(part));
  const second = await Promise.all(
    around.flatMap((namespace) => nearby.map((one) => readIn(reader, discovery, one, namespace))),
  );
  ports.signal.throwIfAborted();

  const lists = [...first, ...second.flat()];
  const objects = objectsOf(lists);
  return {
    source: { kind: 'cluster', context: connection.context, version },
    projection: projectionVersion,
    scope,
    ...(discovery.all && { served: discovery.all }),
    reads: [...outcomesOf(lists, objects), ...skipped],
    objects,
  };
}

/** The first words with the server: any failure here means that there is no cluster to judge. */
async function greet(client: Client, connection: Connection): Promise<{ discovery: Discovery; version: string }> {
  try {
    const [discovery, version] = await Promise.all([
      discover(client).catch((error: unknown) => {
        // Some clusters take discovery from tenants: what every cluster has can still be asked for.
        const told = error instanceof ReadError && error.status === 403 && !error.message.includes('system:anonymous');
        if (told) return withoutDiscovery(error.message);
        throw error;
      }),
      client.get('/version').catch(() => ({})) as Promise<{ gitVersion?: unknown }>,
    ]);
    return { discovery, version: typeof version.gitVersion === 'string' ? version.gitVersion : 'unknown' };
  } catch (error) {
    throw connectionError(error, connection);
  }
}

async function mustExist(client: Client, namespace: string, connection: Connection): Promise<void> {
  try {
    await client.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  } catch (error) {
    // Who may not look at namespaces may still list what is in them; other failures have their own place in the ledger.
    if (!(error instanceof ReadError) || error.status !== 404) return;
    throw new UserError({
      code: 'UNKNOWN_NAMESPACE',
      what: `There is no namespace "${namespace}"`,
      why: `The cluster of context "${connection.context}" does not have it.`,
      fix: 'Choose with -n one of: kubectl get namespaces. Or judge all: msvc check-cluster -A',
    });
  }
}

async function readResource(
  reader: Reader,
  discovery: Discovery,
  resource: Resource,
  scope: readonly string[] | null,
): Promise<Listed[]> {
  const served = discovery.of(resource);
  if ('absent' in served) return [unread(outcomeOf('absent')(resource))];
  if ('unknown' in served) return [unread(outcomeOf('error', served.unknown)(resource))];
  const { version, namespaced } = served.as;
  const everywhere = () => readList(reader, resource, version);
  const within = () => Promise.all((scope ?? []).map((namespace) => readList(reader, resource, version, namespace)));
  if (!scope || !namespaced) return [await everywhere()];
  if (resource.reach === 'subject') return within();
  if (resource.reach === 'shared') return [...(await within()), await everywhere()];
  const all = await everywhere();
  return all.outcome.outcome === 'ok' ? [all] : [all, ...(await within())];
}

async function readIn(reader: Reader, discovery: Discovery, resource: Resource, namespace: string): Promise<Listed[]> {
  const served = discovery.of(resource);
  return 'as' in served ? [await readList(reader, resource, served.as.version, namespace)] : [];
}

const unread = (outcome: ReadOutcome): Listed => ({ outcome, objects: [], cut: [] });

const outcomeOf =
  (outcome: ReadOutcome['outcome'], detail?: string) =>
  ({ part }: Resource): ReadOutcome => ({ resource: part, outcome, count: 0, ...(detail && { detail }) });

/** One list a part, whatever number of reads it came from; an object that came twice is kept once. */
function objectsOf(lists: readonly Listed[]): Map<GroupResource, KubeObject[]> {
  const found = new Map<GroupResource, Map<string, KubeObject>>();
  for (const { outcome, objects } of lists) {
    const part = found.get(outcome.resource) ?? new Map<string, KubeObject>();
    found.set(outcome.resource, part);
    for (const object of objects) part.set(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
  }
  return new Map([...found].map(([part, objects]) => [part, sorted(objects)]));
}

// "/" sorts before every character of a name, so this is by namespace, then by name.
const sorted = (objects: Map<string, KubeObject>) =>
  [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
