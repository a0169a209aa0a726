import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { recordPath } from '../record.ts';
import { absent } from './absent.ts';
import { insideProject } from './inside.ts';
import type { OnStep } from './journal.ts';
import { realPlace } from './real-place.ts';
import { removeMade } from './remove-made.ts';
import type { Write } from './transaction.ts';
import { explainWriteError } from './write-error.ts';

const taken = (place: string): UserError =>
  new UserError({
    code: 'TARGET_NOT_EMPTY',
    what: `${harmlessLine(place)} is there already`,
    why: 'GitHub reads the pipeline of the service there, and it may be one of yours.',
    fix: 'Choose another name for the service, or move that file away.',
  });

/**
 * Writes what the repository around a new service keeps for it, before the service appears: a run that is killed in
 * between leaves a file that the next one finds as it would write it. `target` is absolute.
 *
 * @returns what takes away again what this wrote, and nothing else
 * @throws UserError TARGET_NOT_EMPTY where another file is in the place of one, LINK_LEADS_OUT
 */
export async function writeOutside(
  target: string,
  writes: readonly Write[],
  onStep: OnStep = () => {},
): Promise<() => Promise<void>> {
  const written: { place: string; made: string | undefined }[] = [];
  const undo = async (): Promise<void> => {
    // Of two that made it at once, the other has it now.
    if (await stat(join(target, recordPath)).catch(() => undefined)) return;
    for (const { place, made } of written) {
      await rm(place, { force: true });
      if (made !== undefined) await removeMade(dirname(place), made);
    }
  };
  try {
    for (const { path, content = '' } of writes) {
      const place = await insideProject((await realPlace(target)) ?? target, path);
      const found = await readFile(place, 'utf8')
        .catch(absent)
        .catch((error: unknown) => {
          throw explainWriteError(error, place);
        });
      if (found === content) continue;
      if (found !== undefined) throw taken(place);
      onStep(`write ${place}`);
      const made = await mkdir(dirname(place), { recursive: true });
      written.push({ place, made });
      await writeFile(place, content, { flag: 'wx' }).catch((error) => {
        if (error.code !== 'EEXIST') throw error;
        // Another run was faster, and the file is its own.
        written.pop();
        throw taken(place);
      });
    }
    return undo;
  } catch (error) {
    await undo();
    throw error;
  }
}
