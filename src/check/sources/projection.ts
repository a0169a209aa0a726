import type { KubeObject } from './snapshot.ts';

/** Prunes one object of a list. Undefined where it is no object of Kubernetes' shape at all. */
export type Projection = (object: unknown, type: { apiVersion: string; kind: string }) => KubeObject | undefined;

type Tree = Map<string, Tree | true>;

/** Longer annotations and labels are no names, reasons or switches. */
const annotationLimit = 4096;
/** A copy of the whole object, written by clients that apply: nothing new in it. */
const copies = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

/**
 * A projection that keeps an object's metadata and the given paths. A path names fields; lists on its way are passed
 * through, and what it ends in is kept whole.
 */
export function projection(paths: readonly string[]): Projection {
  const tree: Tree = new Map();
  for (const path of paths) grow(tree, path.split('.'));
  return (object, type) => {
    if (!isRecord(object) || !isRecord(object.metadata)) return undefined;
    const metadata = keepMetadata(object.metadata);
    if (!metadata) return undefined;
    const kept: KubeObject = { apiVersion: type.apiVersion, kind: type.kind, metadata };
    for (const [name, branch] of tree) {
      const value = pick(object[name], branch);
      if (value !== undefined) kept[name] = value;
    }
    return kept;
  };
}

function grow(tree: Tree, [name, ...rest]: string[]): void {
  if (name === undefined || tree.get(name) === true) return;
  if (rest.length === 0) {
    tree.set(name, true);
    return;
  }
  const branch = tree.get(name) ?? new Map();
  tree.set(name, branch);
  if (branch !== true) grow(branch, rest);
}

function pick(value: unknown, branch: Tree | true): unknown {
  if (branch === true || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, branch));
  if (!isRecord(value)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of branch) {
    if (!Object.hasOwn(value, name)) continue;
    const found = pick(value[name], inner);
    if (found !== undefined) kept[name] = found;
  }
  return kept;
}

function keepMetadata(metadata: Record<string, unknown>): KubeObject['metadata'] | undefined {
  const { name, namespace, uid, creationTimestamp, deletionTimestamp, generation } = metadata;
  if (typeof name !== 'string') return undefined;
  const labels = strings(metadata.labels);
  const annotations = strings(metadata.annotations);
  const owners = records(metadata.ownerReferences).flatMap(owner);
  const writers = records(metadata.managedFields).map(writer);
  return {
    name,
    ...(typeof namespace === 'string' && { namespace }),
    ...(typeof uid === 'string' && { uid }),
    ...(typeof creationTimestamp === 'string' && { creationTimestamp }),
    ...(typeof deletionTimestamp === 'string' && { deletionTimestamp }),
    ...(typeof generation === 'number' && { generation }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(owners.length > 0 && { ownerReferences: owners }),
    ...(writers.length > 0 && { managedFields: writers }),
  };
}

function strings(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined;
  const kept: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === 'string' && text.length <= annotationLimit && !copies.has(key)) kept[key] = text;
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function owner(value: Record<string, unknown>) {
  const { apiVersion, kind, name, uid, controller } = value;
  if (
    typeof apiVersion !== 'string' ||
    typeof kind !== 'string' ||
    typeof name !== 'string' ||
    typeof uid !== 'string'
  ) {
    return [];
  }
  return [{ apiVersion, kind, name, uid, ...(typeof controller === 'boolean' && { controller }) }];
}

function writer(value: Record<string, unknown>) {
  const text = (name: 'manager' | 'operation' | 'subresource' | 'time') =>
    typeof value[name] === 'string' ? { [name]: value[name] } : {};
  return { ...text('manager'), ...text('operation'), ...text('subresource'), ...text('time') };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const records = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : []);
