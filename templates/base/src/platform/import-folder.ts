import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Default exports of all modules in a folder, by file name; none where there is no folder. Works in src/ and in dist/. */
export async function importFolder<T>(folder: string): Promise<T[]> {
  const files = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const modules = files.filter((file) => /(?<!\.d)\.[jt]s$/.test(file)).sort();
  return Promise.all(modules.map(async (file) => (await import(pathToFileURL(join(folder, file)).href)).default as T));
}
