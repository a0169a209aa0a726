import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Runs `work` while no other process on this machine holds `path`. A lock whose owner was killed is taken over.
 * `onWait` is called once, with the process id of the owner, where it has to wait.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: (owner: number) => void = () => {},
): Promise<T> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    for (let tell = onWait; !(await take(path, mine)); await wait(50)) {
      const owner = await ownerOf(path);
      if (owner === undefined) continue;
      if (!isLiving(owner)) await removeDead(path, owner);
      else {
        tell(Number(owner));
        tell = () => {};
      }
    }
  } finally {
    await rm(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** By a link, so that the lock appears with its owner's name in it, or not at all. */
async function take(path: string, mine: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** A process id as text; undefined where the lock was given back meanwhile. */
const ownerOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

const isLiving = (owner: string): boolean => Number(owner) > 0 && isAlive(Number(owner));

/** Of several that see a dead owner one moves its lock away. Who moved a newer one, being late, puts it back. */
async function removeDead(path: string, owner: string): Promise<void> {
  const away = `${path}.${randomUUID()}`;
  const isMoved = await rename(path, away).then(
    () => true,
    () => false,
  );
  if (!isMoved) return;
  if ((await ownerOf(away)) !== owner) await link(away, path).catch(() => undefined);
  await rm(away);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
