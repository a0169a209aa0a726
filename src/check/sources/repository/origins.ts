import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { placedValues } from '../manifests/collect.ts';
import { linesOf, type Position } from '../manifests/lines.ts';
import { parseYaml } from '../manifests/parse-yaml.ts';
import type { Place } from '../snapshot.ts';
import type { Environment } from './find-environments.ts';
import { fileOfOrigin, originAnnotation } from './kustomize.ts';
import type { Rendered } from './rendered.ts';

/** Where rendered objects came from, by what the renderer says of each. */
export type Locate = (value: unknown, at: Position) => Place | undefined;

interface Named {
  kind?: unknown;
  metadata?: { name?: unknown; annotations?: Record<string, unknown> };
}

/** @param root folder that files are named below */
export function originsOf(environment: Environment, rendered: Rendered, root: string): Locate {
  const sources = new Map<string, Source>();
  const source = (file: string): Source => {
    const known = sources.get(file) ?? readSource(file);
    sources.set(file, known);
    return known;
  };
  /** Undefined for what lies outside: a report of the repository has no place there. */
  const inRoot = (file: string): string | undefined => {
    const path = relative(root, file).replaceAll('\\', '/');
    return path.startsWith('../') || isAbsolute(path) || !isFile(file) ? undefined : path;
  };
  if (environment.kind === 'helm') {
    const comments = sourceComments(rendered.text);
    return (value, { document }) => {
      const template = templateOf(environment, comments(document));
      const file = template === undefined ? undefined : inRoot(template);
      return template === undefined || file === undefined
        ? undefined
        : { file, line: () => lineOfKind(source(template).text, (value as Named).kind) };
    };
  }
  return (value) => {
    const { kind, metadata: { name, annotations } = {} } = (value ?? {}) as Named;
    const origin = annotations?.[originAnnotation];
    if (annotations) delete annotations[originAnnotation];
    const named = typeof origin === 'string' && rendered.origins ? fileOfOrigin(origin, rendered.origins) : undefined;
    const file = named === undefined ? undefined : inRoot(named);
    if (named === undefined || file === undefined) return undefined;
    const { find, line } = source(named);
    const at = find(kind, name);
    return { file, line: (path) => (at ? line(at, path) : 1) };
  };
}

interface Source {
  text: string;
  /** Where in it an object stands that became one of this kind and name. */
  find(kind: unknown, name: unknown): Position | undefined;
  line(at: Position, path?: string): number;
}

function readSource(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const parsed = parseYaml(text);
  const objects = placedValues('values' in parsed ? parsed.values : []).map(({ value, at }) => ({
    object: (value ?? {}) as Named,
    at,
  }));
  return {
    text,
    find: (kind, name) => {
      const alike = objects.filter(({ object }) => object.kind === kind);
      // Prefixes, suffixes and hashes are put around a name.
      const named = alike.filter(({ object }) => String(name).includes(String(object.metadata?.name)));
      const exact = named.find(({ object }) => object.metadata?.name === name);
      return (exact ?? (named.length === 1 ? named[0] : undefined) ?? (alike.length === 1 ? alike[0] : undefined))?.at;
    },
    line: linesOf(text),
  };
}

/** The text of a template is no YAML: the line of its object is known where it has one of that kind. */
function lineOfKind(text: string, kind: unknown): number {
  const lines = text.split('\n').flatMap((line, index) => (line.trim() === `kind: ${kind}` ? [index + 1] : []));
  return lines.length === 1 ? (lines[0] ?? 1) : 1;
}

/** `# Source: shop/templates/orders.yaml`, which helm writes before each document. */
function sourceComments(text: string): (document: number) => string | undefined {
  const lineOf = linesOf(text);
  const lines = text.split('\n');
  return (document) => {
    for (let at = lineOf({ document }) - 1; at >= 0; at -= 1) {
      const found = /^# Source: (\S+)\s*$/.exec(lines[at] ?? '');
      if (found) return found[1];
    }
    return undefined;
  };
}

/** The comment begins with the chart's name, which may be another than its folder's. */
const templateOf = ({ folder }: Environment, comment: string | undefined): string | undefined =>
  comment === undefined ? undefined : join(folder, ...comment.split('/').slice(1));

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();
