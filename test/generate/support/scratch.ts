import { mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder that is gone after the test, as a real path. */
export async function scratchFolder(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'msvc-generate-')));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Everything under a folder: files with rights and contents, folders with a slash. Links are not followed. */
export async function snapshot(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const found = entries.map(async (entry): Promise<[string, string]> => {
    const place = join(entry.parentPath, entry.name);
    const path = place.slice(root.length + 1);
    if (!entry.isFile()) return [entry.isDirectory() ? `${path}/` : path, ''];
    return [path, `${((await stat(place)).mode & 0o777).toString(8)} ${await readFile(place, 'utf8')}`];
  });
  return Object.fromEntries((await Promise.all(found)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
