import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What stands in a folder's node_modules: packages (each version of each counts) and megabytes of files. */
export function installedSize(folder: string): { packages: number; megabytes: number } {
  const modules = join(folder, 'node_modules');
  const entries = readdirSync(modules, { recursive: true, withFileTypes: true });
  const bytes = entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
  const isPackage = /(^|\/)node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/;
  const packages = entries.filter(({ parentPath, name }) => isPackage.test(join(parentPath, name)));
  return { packages: packages.length, megabytes: bytes / 1e6 };
}

/** The same as a cell of a table. */
export function sizeText(folder: string): string {
  const { packages, megabytes } = installedSize(folder);
  return `${packages} packages, ${megabytes.toFixed(0)} MB`;
}
