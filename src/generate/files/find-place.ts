import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { lockfiles } from '../inputs/package-manager.ts';
import { type Place, whyNoPlace } from '../inputs/place.ts';
import { listsFolder } from '../inputs/workspace-globs.ts';
import type { PackageManager, SharedRepository } from '../record.ts';

/**
 * Where a service (absolute, a real path; it need not exist yet) lies in its repository: below the nearest `.git`, else
 * below the workspace that lists it. Undefined where neither is there, and nobody can tell.
 */
export async function findPlace(root: string): Promise<Place | undefined> {
  const workspaces: Workspace[] = [];
  for (let dir = root; ; dir = dirname(dir)) {
    const names = await readdir(dir).catch(() => [] as string[]);
    if (dir !== root) workspaces.push(...(await workspaceAt(dir, names)));
    const isRepository = names.includes('.git');
    if (isRepository && dir === root) return {};
    if (!isRepository && dir !== dirname(dir)) continue;
    const member = workspaces.find((one) => listsFolder(one.globs, path(one.dir, root)));
    const repository = isRepository ? dir : member?.dir;
    return repository === undefined ? undefined : placeIn(repository, root, member, workspaces[0]);
  }
}

interface Workspace {
  dir: string;
  /** The file that lists its members. */
  file: string;
  globs: readonly string[];
  manager: PackageManager;
}

const path = (from: string, to: string): string => relative(from, to).replaceAll('\\', '/') || '.';

function placeIn(dir: string, root: string, member: Workspace | undefined, nearest: Workspace | undefined): Place {
  const repository: SharedRepository = {
    folder: path(dir, root),
    ...(member && { workspace: path(dir, member.dir) }),
  };
  // A path that no pipeline can hold: nothing is decided about it.
  if (whyNoPlace(repository) !== undefined) return {};
  if (member) return { repository, manager: member.manager };
  return { repository, ...(nearest && { strangerTo: path(dir, join(nearest.dir, nearest.file)) }) };
}

/** The workspace that a folder is the root of, if it is one. */
async function workspaceAt(dir: string, names: readonly string[]): Promise<Workspace[]> {
  const locked = [...new Set(names.flatMap((name) => lockfiles[name] ?? []))];
  const lists = [
    { file: 'pnpm-workspace.yaml', manager: 'pnpm' as const, read: pnpmGlobs },
    { file: 'package.json', manager: 'npm' as const, read: npmGlobs },
  ].filter(({ file }) => names.includes(file));
  const found: Workspace[] = [];
  for (const { file, manager, read } of lists) {
    // Somebody else's file is none of our business when it is broken.
    const globs = await read(join(dir, file)).catch(() => []);
    if (globs.length > 0) found.push({ dir, file, globs, manager });
  }
  // Where both are there, the lock file says which one counts.
  const [only] = locked;
  return found.sort((a, b) => Number(b.manager === only) - Number(a.manager === only)).slice(0, 1);
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

async function npmGlobs(file: string): Promise<string[]> {
  const { workspaces } = JSON.parse(await readFile(file, 'utf8'));
  return texts(workspaces?.packages ?? workspaces);
}

async function pnpmGlobs(file: string): Promise<string[]> {
  const { yamlValues } = await import('../formats/yaml-values.ts');
  const document = yamlValues(await readFile(file, 'utf8')) as { packages?: unknown } | null;
  return texts(document?.packages);
}
