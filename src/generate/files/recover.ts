import { takeOverLeftovers } from './apply-folder.ts';
import { discard, type OnStep, readJournal, rollBack, rollForward, wasTouched } from './journal.ts';
import { explainWriteError } from './write-error.ts';

/**
 * Finishes or undoes what killed runs left in a service, so that its files are all old or all new. Run it before
 * anything else reads them. A file that a person changed since makes it undo the rest. `root` is a real path.
 *
 * @throws UserError BUSY, NOT_WRITABLE
 */
export async function recover(root: string, onStep?: OnStep): Promise<'nothing' | 'finished' | 'undone'> {
  let outcome: 'nothing' | 'finished' | 'undone' = 'nothing';
  for (const dir of await takeOverLeftovers(root)) {
    const journal = await readJournal(dir);
    if (journal) {
      const { entries, decided } = journal;
      try {
        const undo = decided === 'back' || (await wasTouched(root, dir, entries));
        await (undo ? rollBack : rollForward)(root, dir, entries, onStep);
        outcome = undo ? 'undone' : 'finished';
      } catch (error) {
        throw explainWriteError(error, root);
      }
    }
    await discard(root, dir, onStep);
  }
  return outcome;
}
