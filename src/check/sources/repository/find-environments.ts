import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { kustomizations, usedBy } from '../manifests/unrendered.ts';

/** Something in a repository that becomes the objects of one place: an overlay, a chart, a folder of manifests. */
export interface Environment {
  kind: 'kustomize' | 'helm' | 'manifests';
  /** Absolute path of its folder. */
  folder: string;
  /** Below what was named; `.` for that itself. */
  name: string;
}

/** What a folder holds: overlays and charts, and the files that belong to neither. */
export interface Found {
  environments: Environment[];
  /** Paths of YAML and JSON files below the folder, sorted. */
  plain: string[];
}

/** What a kustomization or a chart says of itself. */
interface Header {
  kind?: unknown;
  type?: unknown;
}

async function headerOf(file: string): Promise<Header> {
  try {
    return (parse(await readFile(file, 'utf8')) ?? {}) as Header;
  } catch {
    // Broken: whoever renders it says why.
    return {};
  }
}

/**
 * Of a base and its overlays the overlays are what somebody applies; a component is part of what uses it, and a library
 * chart of the charts that do.
 */
export async function findEnvironments(folder: string): Promise<Found> {
  const names = await filesBelow(folder);
  const roots = names.filter((name) => kustomizations.has(basename(name)));
  const charts = names.filter((name) => basename(name) === 'Chart.yaml').map(dirname);
  const texts = await Promise.all(roots.map((name) => readFile(join(folder, name), 'utf8')));
  const used = new Set(roots.flatMap((name, index) => usedBy(name, texts[index] ?? '')));
  const isWhole = await Promise.all(
    roots.map(async (name) => (await headerOf(join(folder, name))).kind !== 'Component' && !used.has(dirname(name))),
  );
  const isOwn = await Promise.all(
    charts.map(
      async (chart) =>
        (await headerOf(join(folder, chart, 'Chart.yaml'))).type !== 'library' &&
        !charts.some((outer) => outer !== chart && isBelow(chart, outer)),
    ),
  );
  const of = (kind: Environment['kind'], name: string): Environment => ({ kind, folder: join(folder, name), name });
  const rooms = [...charts, ...roots.map(dirname)];
  return {
    environments: [
      ...roots.filter((_, index) => isWhole[index]).map((name) => of('kustomize', dirname(name))),
      ...charts.filter((_, index) => isOwn[index]).map((name) => of('helm', name)),
    ],
    plain: names.filter((name) => /\.(ya?ml|json)$/.test(name) && !rooms.some((room) => isBelow(name, room))),
  };
}

const isBelow = (path: string, folder: string): boolean => folder === '.' || path.startsWith(folder + sep);

/** Folders of dependencies and of tools hold manifests of others. */
const isForeign = (name: string): boolean => name === 'node_modules' || name === 'vendor' || name.startsWith('.');

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !isForeign(entry.name)) open.push(path);
      else if (entry.isFile()) found.push(relative(folder, path));
    }
  return found.sort();
}
