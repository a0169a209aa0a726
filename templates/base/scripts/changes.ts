import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 100;
/** Something that writes without a rest, such as a log beside the sources, keeps nobody waiting for longer: 2 s. */
const mostLooks = 20;

/**
 * The files that changed at these paths or below, from the call on; those of one save or `git checkout` come together.
 * It looks instead of being told: a watch is bound to a file, and editors and git put another one in its place; of folders
 * shared with a container or a virtual machine nobody tells. A look at 200 files takes less than a millisecond.
 */
export function changes(paths: readonly string[], signal: AbortSignal): AsyncIterable<string[]> {
  let known = look(paths);
  return (async function* () {
    let last = known;
    let looks = 0;
    while (true) {
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const now = look(paths);
      const isOver = differences(last, now).length === 0;
      last = now;
      const changed = differences(known, now);
      looks = changed.length === 0 ? 0 : looks + 1;
      if (changed.length === 0 || (!isOver && looks < mostLooks)) continue;
      known = now;
      looks = 0;
      yield changed;
    }
  })();
}

type Look = ReadonlyMap<string, string>;

/** Each file with what is another after any change of it: rewritten, replaced, put back from elsewhere. */
function look(paths: readonly string[]): Look {
  const files = new Map<string, string>();
  const note = (path: string) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) files.set(path, [found.ino, found.size, found.mtimeMs, found.ctimeMs].join());
  };
  const visit = (folder: string) => {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (!isOfEditor(entry.name)) note(path);
    }
  };
  for (const path of paths) {
    note(path);
    visit(path);
  }
  return files;
}

/** None where it is a file, or gone since it was seen. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Locks, swap files and copies that editors keep beside what is edited. */
const isOfEditor = (name: string): boolean => /^[.#]|~$/.test(name);

const differences = (before: Look, after: Look): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort();
