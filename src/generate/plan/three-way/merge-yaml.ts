import { parseYaml } from '../../formats/yaml-tree.ts';
import { writeYaml } from '../../formats/yaml-write.ts';
import { keepsLines } from './keeps-lines.ts';
import { mergeText } from './merge-text.ts';
import { mergeTrees } from './merge-tree.ts';
import { clean, conflict, type Outcome } from './outcome.ts';

/** What may be a comment, without its indentation. Too much is fine: it is only compared with itself. */
const comments = (text: string): string[] =>
  text.split('\n').flatMap((line) => /(?:^|\s)(#.*?)\s*$/.exec(line)?.[1] ?? []);

/**
 * By structure, keeping order and comments; line by line where a text is broken, holds several documents or uses
 * anchors. A merge by lines that means the same is preferred: it keeps more of the formatting. A comment of a person
 * that would go with a value that goes is a conflict.
 */
export function mergeYaml(base: string, mine: string, theirs: string): Outcome {
  const [b, m, t] = [parseYaml(base), parseYaml(mine), parseYaml(theirs)];
  const byLines = mergeText(base, mine, theirs);
  if (!b || !m || !t) return byLines;
  const merged = mergeTrees(b.tree, m.tree, t.tree);
  if (merged === undefined) return conflict;
  if (merged.kind === 'piece' && merged.from === 'mine') return clean(mine);
  const content = writeYaml(merged, m, mine);
  const means = parseYaml(content)?.tree.key;
  if (means === undefined) return conflict;
  if (byLines.clean && parseYaml(byLines.content)?.tree.key === means) return byLines;
  return keepsLines(comments(base), comments(mine), comments(content)) ? clean(content) : conflict;
}
