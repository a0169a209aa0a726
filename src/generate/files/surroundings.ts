import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockfiles, type PackageManagerInUse, type PackageManagerSigns } from '../inputs/package-manager.ts';

async function fieldIn(dir: string): Promise<string | undefined> {
  try {
    const { packageManager } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
    return typeof packageManager === 'string' ? packageManager : undefined;
  } catch {
    // Somebody else's package.json is none of our business when it is broken.
    return undefined;
  }
}

/** The `packageManager` field of the nearest package.json that has one, and the nearest lockfile, from a folder upward. */
export async function readSurroundings(from: string): Promise<Pick<PackageManagerSigns, 'field' | 'lockfile'>> {
  let field: string | undefined;
  let lockfile: string | undefined;
  for (let dir = from; ; dir = dirname(dir)) {
    const names = await readdir(dir).catch(() => [] as string[]);
    if (names.includes('package.json')) field ??= await fieldIn(dir);
    lockfile ??= names.find((name) => Object.hasOwn(lockfiles, name));
    if ((field !== undefined && lockfile !== undefined) || dir === dirname(dir)) return { field, lockfile };
  }
}

/** What one folder says of its package manager. */
export async function readPackageManager(dir: string): Promise<PackageManagerInUse> {
  const names = await readdir(dir).catch(() => [] as string[]);
  return { field: await fieldIn(dir), lockfiles: names.filter((name) => Object.hasOwn(lockfiles, name)) };
}

/** Whether dependencies were ever installed in a folder. */
export const hasModules = (dir: string): Promise<boolean> =>
  stat(join(dir, 'node_modules')).then(
    (found) => found.isDirectory(),
    () => false,
  );
