import { readFile, writeFile } from 'node:fs/promises';

interface Package {
  version?: string;
  optional?: boolean;
  os?: string[];
  optionalDependencies?: Record<string, string>;
}

/**
 * Names the optional packages of every platform in a lock file, as a full registry makes npm do. One that serves only
 * the packages of some platforms leaves the others out, and `npm ci` then refuses the lock.
 */
export async function completeLock(file: string): Promise<void> {
  const lock = JSON.parse(await readFile(file, 'utf8')) as { packages: Record<string, Package> };
  for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      // A range would need the registry; the packages of platforms are named exactly. What is missing is of another one.
      if (/^\d/.test(version)) lock.packages[`node_modules/${name}`] ??= { version, optional: true, os: ['another'] };
    }
  }
  await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
}
