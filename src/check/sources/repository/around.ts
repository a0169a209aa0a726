import type { GroupResource, ReadOutcome } from '../../contract.ts';
import type { Collected } from '../manifests/collect.ts';
import { objectsOf, unreadIn } from '../manifests/manifests.ts';
import { projectionVersion, resources } from '../resources/resources.ts';
import { type KubeObject, nameOf, type Snapshot } from '../snapshot.ts';

/**
 * Objects that are to be applied, as a snapshot: they are all of their namespaces, and the platform is not known.
 *
 * @param naming parts that give names beside Services: those too are taken for all that there are
 */
export function alone(name: string, collected: Collected, naming: readonly GroupResource[]): Snapshot {
  const objects = objectsOf(collected);
  const namespaces = namespacesOf(objects);
  return {
    ...whatIsPlanned(name, collected, objects, namespaces),
    projection: projectionVersion,
    reads: [
      ...namespaces.flatMap((namespace) => ownReads(namespace, objects)),
      ...naming.map(
        (part): ReadOutcome => ({ resource: part, outcome: 'ok', count: objects.get(part)?.length ?? 0, detail }),
      ),
      ...unreadIn(collected),
    ],
    objects,
  };
}

/** The same with what was recorded of a cluster around them; they take the place of what has their names there. */
export function withPlatform(name: string, collected: Collected, recording: Snapshot): Snapshot {
  const objects = objectsOf(collected);
  const namespaces = namespacesOf(objects);
  const planned = new Set([...objects.values()].flat().map(nameOf));
  const kept = withoutReplaced(recording.objects, planned);
  const parts = new Set([...kept.keys(), ...objects.keys()]);
  return {
    ...whatIsPlanned(name, collected, objects, namespaces),
    source: { kind: 'repository', context: name, version: recording.source.version },
    projection: recording.projection,
    ...(recording.served ? { served: recording.served } : {}),
    reads: [
      ...recording.reads,
      ...namespaces.filter((namespace) => !isRecorded(namespace, recording)).flatMap((each) => ownReads(each, objects)),
      ...unreadIn(collected),
    ],
    objects: new Map(
      [...parts].map((part) => [part, sorted([...(kept.get(part) ?? []), ...(objects.get(part) ?? [])])]),
    ),
  };
}

function whatIsPlanned(
  name: string,
  { places }: Collected,
  objects: ReadonlyMap<GroupResource, readonly KubeObject[]>,
  namespaces: readonly string[],
): Pick<Snapshot, 'source' | 'scope' | 'planned' | 'places'> {
  return {
    source: { kind: 'repository', context: name, version: 'unknown' },
    scope: namespaces,
    planned: new Set([...objects.values()].flat().map(nameOf)),
    places,
  };
}

const namespacesOf = (objects: ReadonlyMap<GroupResource, readonly KubeObject[]>): string[] =>
  [
    ...new Set(
      [...objects.values()].flatMap((list) =>
        list.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : (metadata.namespace ?? []))),
      ),
    ),
  ].sort();

const detail = 'taken for all that is there';

const ownReads = (namespace: string, objects: ReadonlyMap<GroupResource, readonly KubeObject[]>): ReadOutcome[] =>
  resources
    .filter(({ reach }) => reach !== 'cluster')
    .map(({ part }) => {
      const own = (objects.get(part) ?? []).filter(({ metadata }) => metadata.namespace === namespace);
      return { resource: part, namespace, outcome: 'ok', count: own.length, detail };
    });

/** Somebody looked into that namespace, or into all of them. */
const isRecorded = (namespace: string, { reads }: Snapshot): boolean =>
  reads.some(
    (read) =>
      read.resource === 'services' &&
      (read.namespace === undefined ? read.outcome === 'ok' : read.namespace === namespace),
  );

/** What stands there by the same name, and what controllers made of it. */
function withoutReplaced(
  objects: Snapshot['objects'],
  planned: ReadonlySet<string>,
): Map<GroupResource, readonly KubeObject[]> {
  const gone = new Set(planned);
  const isGone = ({ metadata }: KubeObject, kind: string, name: string | undefined): boolean =>
    name !== undefined && gone.has(`${kind} ${metadata.namespace ?? ''}/${name}`);
  const ownedByGone = (object: KubeObject): boolean =>
    (object.metadata.ownerReferences ?? []).some(({ kind, name }) => isGone(object, kind, name)) ||
    (object.kind === 'EndpointSlice' &&
      isGone(object, 'Service', object.metadata.labels?.['kubernetes.io/service-name']));
  // A Deployment's ReplicaSets first, then their pods, then the slices of its Service.
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const object of [...objects.values()].flat()) if (ownedByGone(object)) gone.add(nameOf(object));
  }
  return new Map([...objects].map(([part, list]) => [part, list.filter((object) => !gone.has(nameOf(object)))]));
}

const sorted = (list: readonly KubeObject[]): KubeObject[] =>
  [...list].sort((a, b) => {
    const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`) as [
      string,
      string,
    ];
    return left < right ? -1 : left > right ? 1 : 0;
  });
