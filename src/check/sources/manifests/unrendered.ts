import { basename, dirname, join, sep } from 'node:path';
import { parse } from 'yaml';

/** Something in a folder that becomes manifests only when a tool renders it. */
export interface Unrendered {
  /** Below the folder; `.` for the folder itself. */
  path: string;
  what: string;
  /** Renders it; null where nobody knows what would. */
  command: string | null;
}

export const kustomizations = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

/**
 * Charts and kustomizations below a folder. What lies in them is values, patches and halves of objects: judged as if it
 * were whole, a patch would be a Deployment without probes.
 *
 * @param names every file below the folder
 * @param read text of one of them
 */
export async function unrendered(
  folder: string,
  names: readonly string[],
  read: (name: string) => Promise<string>,
): Promise<{ sources: Unrendered[]; isWithin(name: string): boolean }> {
  const charts = names.filter((name) => basename(name) === 'Chart.yaml').map(dirname);
  const roots = names.filter((name) => kustomizations.has(basename(name)));
  const used = new Set((await Promise.all(roots.map(async (name) => usedBy(name, await read(name))))).flat());
  const folders = roots.map(dirname);
  // Of a base and its overlays the overlays are what somebody applies.
  const ends = folders.filter((root) => !used.has(root));
  const quoted = (path: string) => JSON.stringify(join(folder, path));
  return {
    sources: [
      ...charts
        .filter((chart) => !charts.some((outer) => outer !== chart && isBelow(chart, outer)))
        .map((path) => ({ path, what: 'a Helm chart', command: `helm template ${quoted(path)}` })),
      ...(ends.length > 0 ? ends : folders).map((path) => ({
        path,
        what: 'a kustomization',
        command: `kubectl kustomize ${quoted(path)}`,
      })),
    ],
    isWithin: (name) => [...charts, ...folders].some((root) => isBelow(name, root)),
  };
}

const isBelow = (path: string, folder: string): boolean => folder === '.' || path.startsWith(folder + sep);

/** Folders that a kustomization builds on. */
export function usedBy(name: string, text: string): string[] {
  try {
    const { resources, bases, components } = (parse(text) ?? {}) as Record<string, unknown>;
    return [resources, bases, components]
      .flatMap((list) => (Array.isArray(list) ? list : []))
      .filter((path): path is string => typeof path === 'string')
      .map((path) => join(dirname(name), path).replace(/[\\/]$/, ''));
  } catch {
    // Broken, or a template itself: it is listed all the same.
    return [];
  }
}
