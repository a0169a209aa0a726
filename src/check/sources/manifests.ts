import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { UserError } from '../../errors.ts';
import type { ReadOutcome } from '../contract.ts';
import type { Part } from '../inventory/part.ts';
import { projection } from './projection.ts';
import { projectionVersion, type Resource, resources } from './resources.ts';
import type { KubeObject, Snapshot } from './snapshot.ts';

/**
 * A folder of YAML or JSON, read with its subfolders. It shows what somebody wants, never what a cluster has: every list
 * is partial, so its objects count as evidence and nothing follows from what is not there.
 *
 * @throws UserError NO_MANIFESTS, BROKEN_MANIFEST (with file and line)
 */
export async function readManifests(folder: string): Promise<Snapshot> {
  const found = new Map<Part, Map<string, KubeObject>>();
  for (const file of await filesOf(folder)) {
    for (const value of parse(await readFile(file, 'utf8'), file)) keep(value, found);
  }
  if (found.size === 0) throw nothing(folder);
  const reads = resources.map(({ part }): ReadOutcome => {
    const count = found.get(part)?.size ?? 0;
    return count > 0
      ? { kind: part, outcome: 'partial', count, detail: 'a folder of manifests is no cluster' }
      : { kind: part, outcome: 'skipped', count: 0, detail: 'not in the folder' };
  });
  return {
    source: { kind: 'manifests', context: folder, version: 'unknown' },
    projection: projectionVersion,
    scope: null,
    reads,
    objects: new Map(
      [...found].map(([part, objects]) => [
        part,
        [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
      ]),
    ),
  };
}

async function filesOf(folder: string): Promise<string[]> {
  const exists = await stat(folder).catch(() => undefined);
  if (!exists) throw nothing(folder);
  if (exists.isFile()) return [folder];
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => /\.(ya?ml|json)$/.test(name) && !name.split(/[\\/]/).includes('node_modules'))
    .sort()
    .map((name) => join(folder, name));
}

function parse(content: string, file: string): unknown[] {
  return parseAllDocuments(content, { uniqueKeys: false, logLevel: 'silent' }).flatMap((document) => {
    const [error] = document.errors;
    if (error) {
      const line = error.linePos?.[0].line;
      throw new UserError({
        code: 'BROKEN_MANIFEST',
        what: `${file}${line ? `:${line}` : ''} is not YAML`,
        why: error.message.split('\n')[0] ?? '',
        fix: 'Render templates first (helm template, kustomize build) and judge what comes out',
      });
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
    return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value];
  });
}

const prunes = new Map(resources.map((resource) => [resource, projection(resource.keep)]));

function keep(value: unknown, found: Map<Part, Map<string, KubeObject>>): void {
  const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return;
  const resource = resources.find((one) => one.kind === kind && isOf(one, apiVersion));
  const object = resource && prunes.get(resource)?.(value, { apiVersion, kind });
  if (!resource || !object) return;
  if (resource.reach !== 'cluster') object.metadata.namespace ??= 'default';
  const part = found.get(resource.part) ?? new Map<string, KubeObject>();
  found.set(resource.part, part);
  part.set(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
}

const isOf = ({ group, versions }: Resource, apiVersion: string) =>
  versions.some((version) => apiVersion === (group === '' ? version : `${group}/${version}`));

const nothing = (folder: string) =>
  new UserError({
    code: 'NO_MANIFESTS',
    what: `${folder} holds nothing to judge`,
    why: 'It is neither a recording nor a folder with Kubernetes objects in *.yaml, *.yml or *.json.',
    fix: 'Name a recording (msvc check-cluster --record FOLDER) or a folder of rendered manifests: --from FOLDER',
  });
