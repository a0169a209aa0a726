import { mkdir, readdir, rename, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { insideProject } from './inside.ts';

const prefix = '.apply-';

/** An apply takes a second; a number that is still in use after this long belongs to another program. */
const longestRun = 10 * 60_000;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Leftover {
  dir: string;
  pid: number;
  busy: boolean;
}

async function leftovers(root: string): Promise<Leftover[]> {
  const home = await insideProject(root, '.msvc');
  const names = await readdir(home).catch(() => [] as string[]);
  const found = names
    .filter((name) => name.startsWith(prefix))
    .map(async (name): Promise<Leftover | undefined> => {
      const dir = join(home, name);
      const pid = Number(name.slice(prefix.length));
      const since = await stat(dir).catch(() => undefined);
      if (!since) return undefined;
      return { dir, pid, busy: pid !== process.pid && Date.now() - since.mtimeMs < longestRun && isRunning(pid) };
    });
  return (await Promise.all(found)).filter((one) => one !== undefined);
}

const busy = (pid: number): UserError =>
  new UserError({
    code: 'BUSY',
    what: 'Another msvc is changing this service right now',
    why: `Process ${pid} has not finished.`,
    fix: 'Wait for it, then run the same command again.',
  });

/** The folders of killed runs, now this process's own. @throws UserError BUSY where one is still running */
export async function takeOverLeftovers(root: string): Promise<string[]> {
  const found = await leftovers(root);
  const running = found.find((one) => one.busy);
  if (running) throw busy(running.pid);
  const own: string[] = [];
  for (const [index, { dir }] of found.entries()) {
    const mine = join(root, '.msvc', `${prefix}${process.pid}${index === 0 ? '' : `.${index}`}`);
    // Another process may have been faster: then it is its own.
    const taken =
      dir === mine ||
      (await rename(dir, mine).then(
        () => true,
        () => false,
      ));
    if (taken) own.push(mine);
  }
  return own;
}

/** A folder for this run's transaction. @throws UserError BUSY where another process has one */
export async function openApplyFolder(root: string): Promise<string> {
  const home = await insideProject(root, '.msvc');
  await mkdir(home, { recursive: true });
  const dir = join(home, `${prefix}${process.pid}`);
  await mkdir(dir);
  // Looked at only now that ours is there: of two that start at once, at least one sees the other.
  const other = (await leftovers(root)).find((one) => one.dir !== dir && one.busy);
  if (!other) return dir;
  await rmdir(dir);
  throw busy(other.pid);
}
