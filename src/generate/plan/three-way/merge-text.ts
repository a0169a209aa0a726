import { diff3Merge } from 'node-diff3';
import { clean, conflict, type Outcome } from './outcome.ts';

interface Hunk {
  ok?: string[];
  conflict?: { a: string[]; b: string[] };
}

const hunks = (base: string, mine: string, theirs: string): Hunk[] =>
  diff3Merge(mine.split('\n'), base.split('\n'), theirs.split('\n'), { excludeFalseConflicts: true }) as Hunk[];

/** Line by line. What both sides changed differently in one place is a conflict. */
export function mergeText(base: string, mine: string, theirs: string): Outcome {
  const found = hunks(base, mine, theirs);
  return found.some((hunk) => hunk.conflict) ? conflict : clean(found.flatMap((hunk) => hunk.ok ?? []).join('\n'));
}

const marks = { mine: '<<<<<<< yours', middle: '=======', theirs: '>>>>>>> templates' } as const;

const marked = (mine: readonly string[], theirs: readonly string[]): string[] => [
  marks.mine,
  ...mine,
  marks.middle,
  ...theirs,
  marks.theirs,
];

/**
 * The text with markers, as git leaves it, around everything that contradicts itself. Where no single line does (the
 * structure conflicts), both whole texts stand between the markers.
 */
export function withMarkers(base: string, mine: string, theirs: string): string {
  // The last line break stays outside, so that a marker is never an unended line.
  const [b, m, t] = [base, mine, theirs].map((text) => text.replace(/\n$/, '')) as [string, string, string];
  const found = hunks(b, m, t);
  const lines = found.some((hunk) => hunk.conflict)
    ? found.flatMap((hunk) => hunk.ok ?? marked(hunk.conflict?.a ?? [], hunk.conflict?.b ?? []))
    : marked(m.split('\n'), t.split('\n'));
  return `${lines.join('\n')}\n`;
}
