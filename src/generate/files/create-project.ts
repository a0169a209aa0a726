import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import type { Plan } from '../plan/plan.ts';
import { isOutside } from '../record.ts';
import { writesOf } from './apply-plan.ts';
import { writeOutside } from './outside-files.ts';
import { recover } from './recover.ts';
import { removeMade } from './remove-made.ts';
import { type TransactionOptions, type Write, writeAll } from './transaction.ts';
import { explainWriteError } from './write-error.ts';

export interface CreateOptions extends TransactionOptions {
  /** The working directory (absolute): a target that holds it is filled, not replaced, or the shell would lose its folder. */
  cwd?: string | undefined;
}

/** What is in a folder; undefined where there is none. */
async function entriesOf(target: string): Promise<string[] | undefined> {
  try {
    return await readdir(target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') return [basename(target)];
    throw explainWriteError(error, target);
  }
}

const list = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).map(harmlessLine).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
};

/**
 * Whether the target (absolute) is an empty folder or absent. What a killed run left in it is cleared first.
 *
 * @throws UserError TARGET_NOT_EMPTY, naming what is there, otherwise
 */
export async function checkTarget(target: string): Promise<'absent' | 'empty'> {
  let entries = await entriesOf(target);
  if (entries?.length === 1 && entries[0] === '.msvc') {
    await recover(await realpath(target));
    entries = await entriesOf(target);
  }
  if (entries === undefined) return 'absent';
  if (entries.length === 0) return 'empty';
  throw new UserError({
    code: 'TARGET_NOT_EMPTY',
    what: `${harmlessLine(target)} is not empty`,
    why: `There is already: ${list(entries.sort())}.`,
    fix: 'Choose another name or --directory, or empty it yourself.',
  });
}

/** Temporary folders of runs that were killed before they could clean up. */
async function sweep(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : Number.NaN);
    if (!Number.isInteger(pid) || pid <= 0) continue;
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH')
        await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

// Written synchronously: for a hundred small files that takes a tenth of the time. Every so often Ctrl-C gets its turn.
const filesAtOnce = 20;

async function writeTree(
  root: string,
  writes: readonly Write[],
  { signal, onStep }: TransactionOptions,
): Promise<void> {
  for (const folder of new Set(writes.map(({ path }) => dirname(join(root, path))))) {
    mkdirSync(folder, { recursive: true });
  }
  for (const [index, { path, content = '', mode }] of writes.entries()) {
    if (index % filesAtOnce === 0) await setImmediate();
    signal?.throwIfAborted();
    onStep?.(`write ${path}`);
    // A file's rights are what the umask makes of these.
    writeFileSync(join(root, path), content, { flag: 'wx', mode: mode ?? 0o666 });
  }
}

async function createBeside(target: string, writes: readonly Write[], options: CreateOptions): Promise<void> {
  const parent = dirname(target);
  const firstMade = await mkdir(parent, { recursive: true });
  const prefix = `.${basename(target)}.msvc-`;
  const draft = join(parent, `${prefix}${process.pid}-${Date.now().toString(36)}`);
  try {
    await sweep(parent, prefix);
    await mkdir(draft);
    await writeTree(draft, writes, options);
    options.signal?.throwIfAborted();
    options.onStep?.('move into place');
    // Windows does not rename onto a folder, even an empty one; nobody removes one that is not.
    await rmdir(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (firstMade !== undefined) await removeMade(parent, firstMade);
    throw error;
  }
}

const holds = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || !way.startsWith('..');
};

/**
 * Writes something new: it appears at `target` (absolute) whole or not at all.
 *
 * @throws UserError TARGET_NOT_EMPTY, NOT_WRITABLE; the signal's reason where aborted, having cleaned up
 */
export async function createProject(
  plan: Pick<Plan, 'bookkeeping' | 'changes'>,
  target: string,
  options: CreateOptions = {},
): Promise<void> {
  const all = writesOf(plan);
  const writes = all.filter(({ path }) => !isOutside(path));
  const outside = all.filter(({ path }) => isOutside(path));
  const state = await checkTarget(target);
  let undo: (() => Promise<void>) | undefined;
  try {
    undo = await writeOutside(target, outside, options.onStep);
    if (state === 'empty' && options.cwd !== undefined && holds(target, options.cwd)) {
      await writeAll(await realpath(target), writes, options);
    } else {
      await createBeside(target, writes, options);
    }
  } catch (error) {
    await undo?.();
    // Another run was faster.
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) await checkTarget(target);
    throw explainWriteError(error, target);
  }
}
