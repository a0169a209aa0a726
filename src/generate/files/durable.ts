import { type FileHandle, open } from 'node:fs/promises';

/** Writes a file that is on the disk, not only in a cache, when this returns. `mode` as given, whatever the umask. */
export async function writeDurably(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    if (mode !== undefined) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames in a folder survive a power cut. Windows cannot open folders; its renames are in the journal already. */
export async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(path, 'r');
  } catch {
    return;
  }
  try {
    await folder.sync();
  } catch {
    // Some network file systems cannot.
  } finally {
    await folder.close();
  }
}
