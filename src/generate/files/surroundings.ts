import type { PackageManagerSigns } from '../inputs/package-manager.ts';

/** The nearest `packageManager` field and the nearest lockfile, from a folder upward. */
export async function readSurroundings(_dir: string): Promise<Pick<PackageManagerSigns, 'field' | 'lockfile'>> {
  return {};
}
