import { copyFile, readFile } from 'node:fs/promises';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { absent } from './absent.ts';
import { openApplyFolder } from './apply-folder.ts';
import { writeDurably } from './durable.ts';
import { insideProject } from './inside.ts';
import {
  commit,
  discard,
  type Entry,
  hashOf,
  type OnStep,
  rollBack,
  rollForward,
  savedFile,
  stagedFile,
} from './journal.ts';
import { explainWriteError } from './write-error.ts';

/** A file to be written, or removed where there is no `content`. `before` is what must be there: absent for no file. */
export interface Write {
  path: string;
  before?: string;
  content?: string;
  mode?: number;
}

export interface TransactionOptions {
  signal?: AbortSignal | undefined;
  onStep?: OnStep | undefined;
}

const changedMeanwhile = (path: string): UserError =>
  new UserError({
    code: 'CHANGED_MEANWHILE',
    what: `${harmlessLine(path)} was changed while this ran; nothing was written`,
    why: 'It is no longer what the changes were made for.',
    fix: 'Run the same command again.',
  });

async function stage(root: string, dir: string, write: Write, index: number): Promise<Entry> {
  const place = await insideProject(root, write.path);
  const bytes = await readFile(place).catch(absent);
  const before = bytes && hashOf(bytes);
  if (before !== (write.before === undefined ? undefined : hashOf(write.before))) throw changedMeanwhile(write.path);
  if (bytes) await copyFile(place, savedFile(dir, index));
  if (write.content !== undefined) await writeDurably(stagedFile(dir, index), write.content, write.mode);
  return {
    path: write.path,
    ...(before !== undefined && { before }),
    ...(write.content !== undefined && { after: hashOf(write.content) }),
  };
}

/**
 * Writes all of it or nothing, also when killed: `recover` then finishes what was committed and drops what was not.
 * Once committed it does not stop for the signal. `root` is a real path.
 *
 * @throws UserError CHANGED_MEANWHILE, BUSY, LINK_LEADS_OUT, NOT_WRITABLE
 */
export async function writeAll(
  root: string,
  writes: readonly Write[],
  options: TransactionOptions = {},
): Promise<void> {
  const { signal, onStep = () => {} } = options;
  let dir: string | undefined;
  let entries: Entry[] | undefined;
  try {
    onStep('open transaction');
    dir = await openApplyFolder(root);
    const staged: Entry[] = [];
    for (const [index, write] of writes.entries()) {
      signal?.throwIfAborted();
      onStep(`stage ${write.path}`);
      staged.push(await stage(root, dir, write, index));
    }
    signal?.throwIfAborted();
    await commit(dir, staged, onStep);
    entries = staged;
    await rollForward(root, dir, entries, onStep);
  } catch (error) {
    if (dir !== undefined && entries) await rollBack(root, dir, entries, onStep);
    if (dir !== undefined) await discard(root, dir, onStep);
    throw explainWriteError(error, root);
  }
  await discard(root, dir, onStep);
}
