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

function headerIn(text: string): Header {
  try {
    return (parse(text) ?? {}) as Header;
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
  const textOf = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const roots = names.filter((name) => kustomizations.has(basename(name)));
  const charts = names.filter((name) => basename(name) === 'Chart.yaml').map(dirname);
  const texts = await Promise.all(roots.map(textOf));
  const uses = new Map(roots.map((name, index) => [dirname(name), usedBy(name, texts[index] ?? '')]));
  const components = new Set(
    roots.filter((_, index) => headerIn(texts[index] ?? '').kind === 'Component').map(dirname),
  );
  const headers = await Promise.all(charts.map(async (chart) => headerIn(await textOf(join(chart, 'Chart.yaml')))));
  const of = (kind: Environment['kind'], name: string): Environment => ({ kind, folder: join(folder, name), name });
  const rooms = [...charts, ...uses.keys()];
  return {
    environments: [
      ...wholes(uses, components).map((name) => of('kustomize', name)),
      ...charts
        .filter((chart, index) => headers[index]?.type !== 'library' && !charts.some((outer) => isWithin(chart, outer)))
        .map((name) => of('helm', name)),
    ],
    plain: names.filter((name) => /\.(ya?ml|json)$/.test(name) && !rooms.some((room) => isBelow(name, room))),
  };
}

/** Folders that nobody else builds on; and those that build on each other alone, of which the renderer says so. */
function wholes(uses: ReadonlyMap<string, readonly string[]>, components: ReadonlySet<string>): string[] {
  const used = new Set([...uses.values()].flat());
  const own = [...uses.keys()].filter((name) => !components.has(name));
  const tops = own.filter((name) => !used.has(name));
  const reached = new Set<string>();
  const open = [...tops];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(uses.get(name) ?? []));
  }
  return own.filter((name) => !used.has(name) || !reached.has(name));
}

const isWithin = (path: string, folder: string): boolean => path !== folder && isBelow(path, folder);

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
