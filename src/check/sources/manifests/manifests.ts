import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../errors.ts';
import type { GroupResource, ReadOutcome } from '../../contract.ts';
import { projection } from '../resources/projection.ts';
import { projectionVersion, type Resource, resources } from '../resources/resources.ts';
import { type KubeObject, nameOf, type Place, type Snapshot } from '../snapshot.ts';
import { linesOf, type Position } from './lines.ts';
import { parseYaml } from './parse-yaml.ts';
import { type Unrendered, unrendered } from './unrendered.ts';

/** How manifests are read. */
export interface ManifestOptions {
  /** A file that is broken is told, and the rest is judged. */
  keepGoing?: boolean;
}

/**
 * A file or folder of YAML or JSON, read with its subfolders. It shows what somebody wants, never what a cluster has:
 * every list is partial, so its objects count as evidence and nothing follows from what is not there. Charts,
 * kustomizations and templates are not guessed at: each is in the ledger as an error, with the command that renders it.
 *
 * @throws UserError NO_MANIFESTS, UNRENDERED_MANIFESTS, BROKEN_MANIFEST (with file and line)
 */
export async function readManifests(path: string, options: ManifestOptions = {}): Promise<Snapshot> {
  const { folder, names } = await namesIn(path);
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const { sources, isWithin } = await unrendered(folder, names, read);
  const collected = collection();
  for (const name of names.filter((one) => /\.(ya?ml|json)$/.test(one) && !isWithin(one)))
    collect(await read(name), name, join(folder, name), collected, options);
  if (collected.found.size === 0) {
    const left = [...sources, ...collected.templates];
    throw left[0] ? onlySources(path, left[0], left.length) : (collected.broken[0]?.error ?? nothing(path));
  }
  return snapshotOf(path, collected, sources);
}

/** The same of one text, such as what a renderer writes to standard output. */
export function readManifestText(text: string, name: string, options: ManifestOptions = {}): Snapshot {
  const collected = collection();
  collect(text, name, name, collected, options);
  if (collected.found.size > 0) return snapshotOf(name, collected, []);
  const [template] = collected.templates;
  throw template ? onlySources(name, template, 1) : (collected.broken[0]?.error ?? nothing(name));
}

interface Collected {
  found: Map<GroupResource, Map<string, KubeObject>>;
  places: Map<string, Place>;
  templates: Unrendered[];
  broken: { path: string; why: string; error: UserError }[];
  /** Objects in a version of their API that this version does not understand, by path. */
  foreign: { path: string; what: string }[];
}

const collection = (): Collected => ({ found: new Map(), places: new Map(), templates: [], broken: [], foreign: [] });

/** @param place how an error calls the file */
function collect(text: string, path: string, place: string, into: Collected, { keepGoing }: ManifestOptions): void {
  if (!looksLikeManifests(text)) return;
  const parsed = parseYaml(text);
  if ('why' in parsed) {
    // Text between braces is no YAML of its own; what a template leaves out cannot be known.
    if (text.includes('{{')) into.templates.push({ path, what: 'a template', command: null });
    else {
      const error = brokenManifest(`${place}${parsed.line ? `:${parsed.line}` : ''}`, parsed.why);
      if (!keepGoing) throw error;
      into.broken.push({ path: `${path}${parsed.line ? `:${parsed.line}` : ''}`, why: parsed.why, error });
    }
    return;
  }
  const values = parsed.values.flatMap((value, document): { value: unknown; at: Position }[] => {
    const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
    return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
      ? items.map((one, item) => ({ value: one, at: { document, item } }))
      : [{ value, at: { document } }];
  });
  if (values.some(({ value }) => isTemplate(value))) {
    into.templates.push({ path, what: 'a template', command: null });
    return;
  }
  const lineOf = linesOf(text);
  for (const { value, at } of values) {
    const object = keep(value, path, into);
    if (object && path !== standardInput)
      into.places.set(nameOf(object), { file: path, line: (inner) => lineOf(at, inner) });
  }
}

/** What comes through a pipe stands in no file. */
const standardInput = '-';

const snapshotOf = (
  context: string,
  { found, places, templates, broken, foreign }: Collected,
  sources: readonly Unrendered[],
): Snapshot => ({
  source: { kind: 'manifests', context, version: 'unknown' },
  projection: projectionVersion,
  scope: null,
  reads: [
    ...resources.map(({ part }) => outcomeOf(part, found.get(part)?.size ?? 0)),
    ...[...sources, ...templates].map(notRead),
    ...broken.map(({ path, why }) => failed(path, `it is not YAML: ${why}`)),
    ...foreign.map(({ path, what }) => failed(path, what)),
  ],
  objects: new Map(
    [...found].map(([part, objects]) => [
      part,
      [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    ]),
  ),
  places,
});

const outcomeOf = (part: GroupResource, count: number): ReadOutcome =>
  count > 0
    ? { resource: part, outcome: 'partial', count, detail: 'a folder of manifests is no cluster' }
    : { resource: part, outcome: 'skipped', count: 0, detail: 'not in the folder' };

const failed = (path: string, detail: string): ReadOutcome => ({ resource: path, outcome: 'error', count: 0, detail });

const notRead = ({ path, what, command }: Unrendered): ReadOutcome =>
  failed(path, command ? `${what}: judge what it renders to, ${command}` : `${what}: judge what it renders to`);

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

/** YAML takes `name: "{{ .Release.Name }}"` for a text; no object is called so. */
function isTemplate(value: unknown): boolean {
  const { metadata } = (value ?? {}) as { metadata?: { name?: unknown; namespace?: unknown } };
  return [metadata?.name, metadata?.namespace].some((name) => typeof name === 'string' && name.includes('{{'));
}

const prunes = new Map(resources.map((resource) => [resource, projection(resource.keep)]));

function keep(value: unknown, path: string, { found, foreign }: Collected): KubeObject | undefined {
  const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const resource = resources.find((one) => one.kind === kind && isOf(one, apiVersion));
  const object = resource && prunes.get(resource)?.(value, { apiVersion, kind });
  if (!resource && isOldBuiltIn(apiVersion, kind))
    foreign.push({ path, what: `no cluster of today knows ${kind} as ${apiVersion}: write it as ${currentOf(kind)}` });
  if (!resource || !object) return undefined;
  if (resource.reach !== 'cluster') object.metadata.namespace ??= 'default';
  const part = found.get(resource.part) ?? new Map<string, KubeObject>();
  found.set(resource.part, part);
  part.set(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
  return object;
}

const builtIn = new Set(['apps', 'batch', 'autoscaling', 'policy', 'networking.k8s.io', 'discovery.k8s.io']);

const currentOf = (kind: string): string | undefined => {
  const row = resources.find((one) => one.kind === kind && builtIn.has(one.group));
  return row && `${row.group}/${row.versions[0]}`;
};

/** A version that Kubernetes has taken away: what is written so cannot be applied. */
const isOldBuiltIn = (apiVersion: string, kind: string): boolean => {
  const group = apiVersion.split('/')[0] ?? '';
  return (
    (group === 'extensions' || (builtIn.has(group) && /(alpha|beta)\d+$/.test(apiVersion))) &&
    currentOf(kind) !== undefined
  );
};

const isOf = ({ group, versions }: Resource, apiVersion: string) =>
  versions.some((version) => apiVersion === (group === '' ? version : `${group}/${version}`));

const brokenManifest = (place: string, why: string) =>
  new UserError({
    code: 'BROKEN_MANIFEST',
    what: `${place} is not YAML`,
    why: `${why}.`,
    fix: 'Correct it, or judge the rest with --keep-going',
  });

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
