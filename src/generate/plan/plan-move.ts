import type { ServiceRecord } from '../record.ts';
import { placeFile } from '../render/place-file.ts';
import type { RenderedTree } from '../render/rendered.ts';
import type { FileChange } from './plan.ts';
import { planFile } from './plan-file.ts';
import type { DiskFile } from './project.ts';

/** The files whose place has the service's name in it. */
const named = ['.github/workflows/service.yml'];

interface Move {
  before: ServiceRecord;
  after: ServiceRecord;
  base: ReadonlyMap<string, string>;
  disk: ReadonlyMap<string, DiskFile>;
  rendered: RenderedTree;
}

/**
 * What a new name moves: a file that somebody has edited goes to its new place with these edits, since two pipelines would
 * be worse than one. One whose edits meet what is new stays, beside the new one.
 */
export async function planMoves({ before, after, base, disk, rendered }: Move): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for (const path of named) {
    const [from, to] = [placeFile(path, { ...after, name: before.name }), placeFile(path, after)];
    if (from === undefined || to === undefined || from === to || disk.has(to)) continue;
    const [was, mine, theirs] = [base.get(from), disk.get(from), rendered.get(to)];
    if (was === undefined || !mine || !theirs) continue;
    const change = await planFile(to, { base: was, mine, theirs });
    if (change?.kind !== 'update' || !change.merged) continue;
    changes.push(
      { kind: 'create', path: to, content: change.content, mode: mine.mode, merged: true },
      { kind: 'delete', path: from, before: mine.content },
    );
  }
  return changes;
}
