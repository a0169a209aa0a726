import { copyFile, mkdir, readFile, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { absent } from './absent.ts';
import { syncFolder, writeDurably } from './durable.ts';
import { insideProject } from './inside.ts';

/** One file of a transaction. Hashes are absent where there is no file. */
export interface Entry {
  path: string;
  before?: string;
  after?: string;
}

// Looked up where it is used: a new service is written without it, and it takes 4 ms to load.
export const hashOf = (bytes: Uint8Array | string): string =>
  process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');

/** Told before each step that changes something on disk. */
export type OnStep = (step: string) => void;

const silent: OnStep = () => {};

/** Its presence commits a transaction: from then on it is rolled forward. */
const journalFile = (dir: string): string => join(dir, 'journal.json');
/** Its presence says that the transaction is being undone. */
const undoFile = (dir: string): string => join(dir, 'undo.json');
export const stagedFile = (dir: string, index: number): string => join(dir, `${index}.new`);
export const savedFile = (dir: string, index: number): string => join(dir, `${index}.old`);

const currentHash = async (place: string): Promise<string | undefined> => {
  const bytes = await readFile(place).catch(absent);
  return bytes && hashOf(bytes);
};

/** Commits: everything is staged and saved in `dir`; from here on the new state wins, whatever happens. */
export async function commit(dir: string, entries: readonly Entry[], onStep: OnStep): Promise<void> {
  onStep('write journal');
  const draft = `${journalFile(dir)}.draft`;
  await writeDurably(draft, JSON.stringify(entries));
  onStep('commit journal');
  await rename(draft, journalFile(dir));
  await syncFolder(dir);
}

async function removeEmptyFolders(root: string, place: string): Promise<void> {
  for (let dir = dirname(place); dir !== root && dir.startsWith(root); dir = dirname(dir)) {
    try {
      await rmdir(dir);
    } catch {
      return;
    }
  }
}

/** Puts every staged file in its place and removes what goes. May be repeated after a kill at any moment. */
export async function rollForward(
  root: string,
  dir: string,
  entries: readonly Entry[],
  onStep: OnStep = silent,
): Promise<void> {
  const folders = new Set<string>();
  for (const [index, { path, after }] of entries.entries()) {
    const place = await insideProject(root, path);
    if (after === undefined) {
      onStep(`delete ${path}`);
      await unlink(place).catch(absent);
      await removeEmptyFolders(root, place);
    } else {
      await mkdir(dirname(place), { recursive: true });
      onStep(`place ${path}`);
      // Missing: placed before the kill.
      await rename(stagedFile(dir, index), place).catch(absent);
      folders.add(dirname(place));
    }
  }
  for (const folder of folders) await syncFolder(folder);
}

/** Restores every file that this transaction changed and nobody changed since. May be repeated after a kill. */
export async function rollBack(
  root: string,
  dir: string,
  entries: readonly Entry[],
  onStep: OnStep = silent,
): Promise<void> {
  onStep('decide to undo');
  await rename(journalFile(dir), undoFile(dir)).catch(absent);
  await syncFolder(dir);
  for (const [index, { path, before, after }] of entries.entries()) {
    const place = await insideProject(root, path);
    if (before === after || (await currentHash(place)) !== after) continue;
    onStep(`restore ${path}`);
    if (before === undefined) {
      await unlink(place).catch(absent);
      await removeEmptyFolders(root, place);
    } else {
      const copy = join(dir, `${index}.restored`);
      await copyFile(savedFile(dir, index), copy);
      await mkdir(dirname(place), { recursive: true });
      await rename(copy, place);
    }
  }
}

/** Ends a transaction. The journal goes first: without it the rest is rubbish. */
export async function discard(root: string, dir: string, onStep: OnStep = silent): Promise<void> {
  onStep('forget journal');
  for (const file of [journalFile(dir), undoFile(dir)]) await rm(file, { force: true });
  onStep('remove staged files');
  await rm(dir, { recursive: true, force: true });
  await removeEmptyFolders(root, dir);
}

/** What a killed transaction left: nothing decided, to be finished, or to be undone. */
export async function readJournal(dir: string): Promise<{ decided: 'forward' | 'back'; entries: Entry[] } | undefined> {
  const undo = await readFile(undoFile(dir), 'utf8').catch(absent);
  const text = undo ?? (await readFile(journalFile(dir), 'utf8').catch(absent));
  return text === undefined
    ? undefined
    : { decided: undo === undefined ? 'forward' : 'back', entries: JSON.parse(text) };
}

/** True where a file that is still to be changed is no longer as it was when the transaction began. */
export async function wasTouched(root: string, dir: string, entries: readonly Entry[]): Promise<boolean> {
  for (const [index, { path, before, after }] of entries.entries()) {
    const isPlaced = after !== undefined && !(await currentHash(stagedFile(dir, index)));
    const current = await currentHash(await insideProject(root, path));
    if (!isPlaced && current !== before && current !== after) return true;
  }
  return false;
}
