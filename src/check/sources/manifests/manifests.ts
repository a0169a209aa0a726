import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Document, parseAllDocuments } from 'yaml';
import { UserError } from '../../../errors.ts';
import type { GroupResource, ReadOutcome } from '../../contract.ts';
import { projection } from '../resources/projection.ts';
import { projectionVersion, type Resource, resources } from '../resources/resources.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import { type Unrendered, unrendered } from './unrendered.ts';

/**
 * A file or folder of YAML or JSON, read with its subfolders. It shows what somebody wants, never what a cluster has:
 * every list is partial, so its objects count as evidence and nothing follows from what is not there. Charts,
 * kustomizations and templates are not guessed at: each is in the ledger as an error, with the command that renders it.
 *
 * @throws UserError NO_MANIFESTS, UNRENDERED_MANIFESTS, BROKEN_MANIFEST (with file and line)
 */
export async function readManifests(path: string): Promise<Snapshot> {
  const { folder, names } = await namesIn(path);
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const { sources, isWithin } = await unrendered(folder, names, read);
  const found = new Map<GroupResource, Map<string, KubeObject>>();
  const left = [...sources];
  for (const name of names.filter((one) => /\.(ya?ml|json)$/.test(one) && !isWithin(one))) {
    const text = await read(name);
    const objects = looksLikeManifests(text) ? parse(text, join(folder, name)) : [];
    if (objects === 'a template') left.push({ path: name, what: 'a template', command: null });
    else for (const value of objects) keep(value, found);
  }
  if (found.size === 0) throw left[0] ? onlySources(path, left[0], left.length) : nothing(path);
  return {
    source: { kind: 'manifests', context: path, version: 'unknown' },
    projection: projectionVersion,
    scope: null,
    reads: [...resources.map(({ part }) => outcomeOf(part, found.get(part)?.size ?? 0)), ...left.map(notRead)],
    objects: new Map(
      [...found].map(([part, objects]) => [
        part,
        [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
      ]),
    ),
  };
}

const outcomeOf = (part: GroupResource, count: number): ReadOutcome =>
  count > 0
    ? { resource: part, outcome: 'partial', count, detail: 'a folder of manifests is no cluster' }
    : { resource: part, outcome: 'skipped', count: 0, detail: 'not in the folder' };

const notRead = ({ path, what, command }: Unrendered): ReadOutcome => ({
  resource: path,
  outcome: 'error',
  count: 0,
  detail: command ? `${what}: judge what it renders to, ${command}` : `${what}: judge what it renders to`,
});

/** Every file below the folder, sorted; or the one file that was named. */
async function namesIn(path: string): Promise<{ folder: string; names: string[] }> {
  const exists = await stat(path).catch(() => undefined);
  if (!exists) throw nothing(path);
  if (exists.isFile()) return { folder: dirname(path), names: [basename(path)] };
  const names = await readdir(path, { recursive: true });
  return { folder: path, names: names.filter((name) => !name.split(/[\\/]/).includes('node_modules')).sort() };
}

/** Of all the YAML and JSON that lies about (workflows, settings, values), only this can hold objects. */
const looksLikeManifests = (text: string): boolean => /^[ \t{"'-]*kind["']?\s*:|"kind"\s*:/m.test(text);

function parse(content: string, file: string): unknown[] | 'a template' {
  const documents = parseAllDocuments(content, { uniqueKeys: false, logLevel: 'silent' }) as Document[];
  const error = documents.flatMap(({ errors }) => errors)[0];
  // Text between braces is no YAML of its own; what a template leaves out cannot be known.
  if (error && content.includes('{{')) return 'a template';
  if (error) {
    const line = error.linePos?.[0].line;
    throw new UserError({
      code: 'BROKEN_MANIFEST',
      what: `${file}${line ? `:${line}` : ''} is not YAML`,
      why: error.message.split('\n')[0] ?? '',
      fix: 'Correct it, or leave it out: --from takes a folder or a single file',
    });
  }
  const values = documents.flatMap((document) => {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
    return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value];
  });
  return values.some(isTemplate) ? 'a template' : values;
}

/** YAML takes `name: "{{ .Release.Name }}"` for a text; no object is called so. */
function isTemplate(value: unknown): boolean {
  const { metadata } = (value ?? {}) as { metadata?: { name?: unknown; namespace?: unknown } };
  return [metadata?.name, metadata?.namespace].some((name) => typeof name === 'string' && name.includes('{{'));
}

const prunes = new Map(resources.map((resource) => [resource, projection(resource.keep)]));

function keep(value: unknown, found: Map<GroupResource, Map<string, KubeObject>>): void {
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

const nothing = (path: string) =>
  new UserError({
    code: 'NO_MANIFESTS',
    what: `${path} holds nothing to judge`,
    why: 'It is neither a recording nor a folder with Kubernetes objects in *.yaml, *.yml or *.json.',
    fix: 'Name a recording (msvc check-cluster --record FOLDER) or a folder of rendered manifests: --from FOLDER',
  });

const onlySources = (path: string, { path: inside, what, command }: Unrendered, number: number) =>
  new UserError({
    code: 'UNRENDERED_MANIFESTS',
    what: `${path} holds no manifests, only what they are made from`,
    why: `${inside === '.' ? 'It' : inside} is ${what}${number > 1 ? `, and ${number - 1} more like it` : ''}: what it leaves open cannot be judged.`,
    fix: command
      ? `Render it, and judge that: ${command} > rendered.yaml, then msvc check-cluster --from rendered.yaml`
      : 'Render it with the tool it is written for, and judge that: msvc check-cluster --from rendered.yaml',
  });
