import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { removeMade } from './remove-made.ts';
import type { Write } from './transaction.ts';

const taken = (place: string): UserError =>
  new UserError({
    code: 'TARGET_NOT_EMPTY',
    what: `${harmlessLine(place)} is there already`,
    why: 'GitHub reads the pipeline of the service there, and it may be one of yours.',
    fix: 'Choose another name for the service, or move that file away.',
  });

interface File {
  /** Absolute. */
  place: string;
  content: string;
}

/**
 * What the repository around a new service keeps for it. Written before the service appears: a run that is killed in
 * between leaves a file that the next one finds as it would write it.
 */
export class OutsideFiles {
  readonly #files: readonly File[];
  readonly #written: { place: string; made: string | undefined }[] = [];

  private constructor(files: readonly File[]) {
    this.#files = files;
  }

  /** @throws UserError TARGET_NOT_EMPTY where another file is in the place of one */
  static async check(target: string, writes: readonly Write[]): Promise<OutsideFiles> {
    const files: File[] = [];
    for (const { path, content = '' } of writes) {
      const place = join(target, path);
      const found = await readFile(place, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw taken(place);
      });
      if (found !== undefined && found !== content) throw taken(place);
      if (found === undefined) files.push({ place, content });
    }
    return new OutsideFiles(files);
  }

  async write(onStep: (step: string) => void = () => {}): Promise<void> {
    for (const { place, content } of this.#files) {
      onStep(`write ${place}`);
      const made = await mkdir(dirname(place), { recursive: true });
      await writeFile(place, content, { flag: 'wx' });
      this.#written.push({ place, made });
    }
  }

  /** Takes away what this run wrote, and nothing else. */
  async undo(): Promise<void> {
    for (const { place, made } of this.#written) {
      await rm(place, { force: true });
      if (made !== undefined) await removeMade(dirname(place), made);
    }
  }
}
