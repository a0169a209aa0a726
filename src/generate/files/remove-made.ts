import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Removes the folders from `deepest` up to `first` that are still empty. */
export async function removeMade(deepest: string, first: string): Promise<void> {
  for (let dir = deepest; dir.length >= first.length; dir = dirname(dir)) {
    const gone = await rmdir(dir).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}
