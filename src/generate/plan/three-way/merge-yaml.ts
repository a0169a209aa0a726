import { parseYaml } from '../../formats/yaml-tree.ts';
import { writeYaml } from '../../formats/yaml-write.ts';
import { keepsLines } from './keeps-lines.ts';
import { mergeText } from './merge-text.ts';
import { meaningOf, mergeTrees } from './merge-tree.ts';
import { clean, conflict, type Outcome } from './outcome.ts';

/** What may be a comment, without its indentation. Too much is fine: it is only compared with itself. */
const comments = (text: string): string[] =>
  text.split('\n').flatMap((line) => /(?:^|\s)(#.*?)\s*$/.exec(line)?.[1] ?? []);

/**
 * By structure, keeping order and comments; line by line where a text is broken, holds several documents or uses
 * anchors. A merge by lines that says the same is preferred: it keeps more of the formatting, and every comment where it
 * stands. A comment of a person
 * that would go with a value that goes is a conflict.
 */
export function mergeYaml(base: string, mine: string, theirs: string): Outcome {
  const [b, m, t] = [parseYaml(base), parseYaml(mine), parseYaml(theirs)];
  const byLines = mergeText(base, mine, theirs);
  if (!b || !m || !t) return byLines;
  const merged = mergeTrees(b.tree, m.tree, t.tree);
  // Two that stand side by side in a list may be kept apart by a comment.
  if (merged === undefined) return byLines.clean && parseYaml(byLines.content) ? byLines : conflict;
  if (merged.kind === 'piece' && merged.from === 'mine') return clean(mine);
  const content = writeYaml(merged, m, mine);
  const written = parseYaml(content);
  if (written === undefined) return conflict;
  const read = byLines.clean ? parseYaml(byLines.content) : undefined;
  if (read && meaningOf(read.tree) === meaningOf(written.tree)) return byLines;
  return keepsLines(comments(base), comments(mine), comments(content)) ? clean(content) : conflict;
}
