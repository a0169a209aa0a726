import { asLf, inEndingsOf } from '../formats/line-endings.ts';
import type { RenderedFile } from '../render/rendered.ts';
import type { FileChange } from './plan.ts';
import type { DiskFile } from './project.ts';
import { mergeFile } from './three-way/merge-file.ts';

/** The three sides of one path; each is absent where there is no such file. */
export interface Sides {
  /** As last rendered. */
  base: string | undefined;
  /** On disk. */
  mine: DiskFile | undefined;
  /** As rendered now. */
  theirs: RenderedFile | undefined;
}

/** Apart from line endings, which a checkout may change. */
export const same = (a: string, b: string): boolean => a === b || asLf(a) === asLf(b);

const holdsConflict = ({ content }: Pick<DiskFile, 'content'>): boolean =>
  /^<{7} /m.test(content) && /^>{7} /m.test(content);

/** What becomes of one file; undefined where it is neither ours nor wanted any more. */
export async function planFile(path: string, { base, mine, theirs }: Sides): Promise<FileChange | undefined> {
  const keep = (reason: string): FileChange => ({ kind: 'keep', path, reason });
  const quietly = (reason: string): FileChange => ({ kind: 'keep', path, reason, quiet: true });
  if (mine && holdsConflict(mine) && !(base !== undefined && holdsConflict({ content: base })))
    return { kind: 'keep', path, reason: 'holds conflict markers: keep of each what you want', unresolved: true };
  if (!theirs) {
    if (base === undefined || !mine) return undefined;
    const untouched = !mine.binary && same(base, mine.content);
    return untouched ? { kind: 'delete', path, before: mine.content } : keep('no longer generated, but edited by you');
  }
  if (!mine) {
    if (base === undefined) return { kind: 'create', path, ...theirs };
    return same(base, theirs.content) ? quietly('deleted by you') : keep('deleted by you');
  }
  if (!mine.binary && same(mine.content, theirs.content)) return quietly('unchanged');
  if (base !== undefined && same(base, theirs.content)) return quietly('edited by you');
  // No text can be merged into it, and writing it back would break its bytes.
  if (mine.binary) return keep('not UTF-8 text any more: what is new in the templates was left out');
  if (base === undefined) return { kind: 'conflict', path, base: '', mine: mine.content, theirs: theirs.content };
  const update = { kind: 'update', path, before: mine.content, mode: mine.mode } as const;
  if (same(base, mine.content)) return { ...update, content: inEndingsOf(mine.content, theirs.content) };
  const outcome = await mergeFile(path, base, mine.content, theirs.content);
  if (!outcome.clean) return { kind: 'conflict', path, base, mine: mine.content, theirs: theirs.content };
  if (outcome.content === mine.content) return keep('has these changes already');
  return { ...update, content: outcome.content, merged: true };
}
