import { UserError } from '../../../errors.ts';
import type { GroupResource } from '../../contract.ts';
import { projection } from '../resources/projection.ts';
import { type Resource, resources } from '../resources/resources.ts';
import { type KubeObject, nameOf, type Place } from '../snapshot.ts';
import { linesOf, type Position } from './lines.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Unrendered } from './unrendered.ts';

/** Objects that were found, and what could not be taken for one. */
export interface Collected {
  found: Map<GroupResource, Map<string, KubeObject>>;
  places: Map<string, Place>;
  templates: Unrendered[];
  broken: { path: string; why: string; error: UserError }[];
  /** Objects in a version of their API that this version does not understand, by path. */
  foreign: { path: string; what: string }[];
}

export const collection = (): Collected => ({
  found: new Map(),
  places: new Map(),
  templates: [],
  broken: [],
  foreign: [],
});

/** What was taken from several texts, as if it were from one; none of them holds an object of another. */
export function together(all: readonly Collected[]): Collected {
  const into = collection();
  for (const { found, places, templates, broken, foreign } of all) {
    for (const [part, objects] of found) into.found.set(part, new Map([...(into.found.get(part) ?? []), ...objects]));
    for (const [object, place] of places) into.places.set(object, place);
    into.templates.push(...templates);
    into.broken.push(...broken);
    into.foreign.push(...foreign);
  }
  return into;
}

/** How texts are taken for objects. */
export interface CollectOptions {
  /** A file that is broken is told, and the rest is judged. */
  keepGoing?: boolean;
  /** Of objects that name none; `default` where nobody says. */
  namespace?: string;
  /** Where an object came from, where the text was rendered from something else; takes the renderer's marks away. */
  locate?(value: unknown, at: Position): Place | undefined;
}

/**
 * Adds the objects of one text.
 *
 * @param place how an error calls the file
 * @throws UserError BROKEN_MANIFEST unless told to keep going
 */
export function collect(text: string, path: string, place: string, into: Collected, options: CollectOptions): void {
  if (!looksLikeManifests(text)) return;
  const parsed = parseYaml(text);
  if ('why' in parsed) {
    // Text between braces is no YAML of its own; what a template leaves out cannot be known.
    if (text.includes('{{')) into.templates.push({ path, what: 'a template', command: null });
    else {
      const error = brokenManifest(`${place}${parsed.line ? `:${parsed.line}` : ''}`, parsed.why);
      if (!options.keepGoing) throw error;
      into.broken.push({ path: `${path}${parsed.line ? `:${parsed.line}` : ''}`, why: parsed.why, error });
    }
    return;
  }
  const values = placedValues(parsed.values);
  if (values.some(({ value }) => isTemplate(value))) {
    into.templates.push({ path, what: 'a template', command: null });
    return;
  }
  const lineOf = linesOf(text);
  for (const { value, at } of values) {
    const origin = options.locate?.(value, at);
    const object = keep(value, path, options.namespace ?? 'default', into);
    if (!object) continue;
    const place = options.locate
      ? origin
      : path === standardInput
        ? undefined
        : { file: path, line: (inner?: string) => lineOf(at, inner) };
    if (place) into.places.set(nameOf(object), place);
  }
}

/** The documents of a text, and of a list of objects each, with where they begin. */
export const placedValues = (documents: readonly unknown[]): { value: unknown; at: Position }[] =>
  documents.flatMap((value, document): { value: unknown; at: Position }[] => {
    const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
    return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
      ? items.map((one, item) => ({ value: one, at: { document, item } }))
      : [{ value, at: { document } }];
  });

/** What comes through a pipe stands in no file. */
const standardInput = '-';

/** Of all the YAML and JSON that lies about (workflows, settings, values), only this can hold objects. */
export const looksLikeManifests = (text: string): boolean => /^[ \t{"'-]*kind["']?\s*:|"kind"\s*:/m.test(text);

/** YAML takes `name: "{{ .Release.Name }}"` for a text; no object is called so. */
function isTemplate(value: unknown): boolean {
  const { metadata } = (value ?? {}) as { metadata?: { name?: unknown; namespace?: unknown } };
  return [metadata?.name, metadata?.namespace].some((name) => typeof name === 'string' && name.includes('{{'));
}

const prunes = new Map(resources.map((resource) => [resource, projection(resource.keep)]));

function keep(value: unknown, path: string, namespace: string, { found, foreign }: Collected): KubeObject | undefined {
  const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const resource = resources.find((one) => one.kind === kind && isOf(one, apiVersion));
  const object = resource && prunes.get(resource)?.(value, { apiVersion, kind });
  if (!resource && isOldBuiltIn(apiVersion, kind))
    foreign.push({ path, what: `no cluster of today knows ${kind} as ${apiVersion}: write it as ${currentOf(kind)}` });
  if (!resource || !object) return undefined;
  if (resource.reach !== 'cluster') object.metadata.namespace ??= namespace;
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
