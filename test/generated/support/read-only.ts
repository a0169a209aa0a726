import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Takes the right to write from everybody but the owner, as a read-only file system does. */
export async function makeReadOnly(path: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return;
  if (entry.isDirectory()) {
    for (const name of await readdir(path)) await makeReadOnly(join(path, name));
    // Its owner must be able to remove it afterwards, so only others lose the right where a test runs as root.
    await chmod(path, process.getuid?.() === 0 ? 0o555 : 0o755);
    return;
  }
  await chmod(path, entry.mode & 0o555);
}
