import type { KubeObject } from '../snapshot.ts';
import { intern } from './intern.ts';
import { nameTokensAlike } from './token-volumes.ts';

/** Prunes one object of a list. Undefined where it is no object of Kubernetes' shape at all. */
export type Projection = (object: unknown, type: { apiVersion: string; kind: string }) => KubeObject | undefined;

type Tree = Map<string, Tree | true>;

/** Longer annotations and labels are no names, reasons or switches. */
const annotationLimit = 4096;
/** A copy of the whole object, written by clients that apply: nothing new in it. */
const copies = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

/**
 * A projection that keeps an object's metadata and the given paths. A path names fields; lists on its way are passed
 * through, and what it ends in is kept whole. One projection is for one list: each object shares with the one before it
 * what both have in common.
 */
export function projection(paths: readonly string[]): Projection {
  const tree: Tree = new Map();
  for (const path of paths) grow(tree, path.split('.'));
  let before: KubeObject | undefined;
  return (object, type) => {
    if (!isRecord(object) || !isRecord(object.metadata)) return undefined;
    const metadata = keepMetadata(object.metadata);
    if (!metadata) return undefined;
    const kept: KubeObject = { apiVersion: type.apiVersion, kind: type.kind, metadata };
    for (const [name, branch] of tree) {
      const value = pick(object[name], branch);
      if (value !== undefined) kept[name] = value;
    }
    if (type.kind === 'Pod') nameTokensAlike(kept);
    before = intern(kept, before);
    return before;
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
  const kept: KubeObject['metadata'] = { name };
  if (typeof namespace === 'string') kept.namespace = namespace;
  if (typeof uid === 'string') kept.uid = uid;
  if (typeof creationTimestamp === 'string') kept.creationTimestamp = creationTimestamp;
  if (typeof deletionTimestamp === 'string') kept.deletionTimestamp = deletionTimestamp;
  if (typeof generation === 'number') kept.generation = generation;
  const labels = strings(metadata.labels);
  if (labels) kept.labels = labels;
  const annotations = strings(metadata.annotations);
  if (annotations) kept.annotations = annotations;
  const owners = records(metadata.ownerReferences).flatMap(owner);
  if (owners.length > 0) kept.ownerReferences = owners;
  const writers = records(metadata.managedFields).map(writer);
  if (writers.length > 0) kept.managedFields = writers;
  return kept;
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
  const kept: Partial<Record<'manager' | 'operation' | 'subresource' | 'time', string>> = {};
  for (const name of ['manager', 'operation', 'subresource', 'time'] as const) {
    const text = value[name];
    if (typeof text === 'string') kept[name] = text;
  }
  return kept;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const records = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : []);
