import { printJson } from '../../formats/json-print.ts';
import { JsonError, parseJson, type Span } from '../../formats/json-tree.ts';
import type { Tree } from '../../formats/tree.ts';
import { mergeText } from './merge-text.ts';
import { mergeTrees, type Settle } from './merge-tree.ts';
import { clean, conflict, type Outcome } from './outcome.ts';

function tryParse(text: string): Tree<Span> | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/**
 * By structure, in the formatting of `mine`; line by line where one of the texts is no strict JSON (comments). A merge by
 * lines that means the same is preferred: it keeps more of the formatting.
 */
export function mergeJson(base: string, mine: string, theirs: string, settle?: Settle): Outcome {
  const [b, m, t] = [tryParse(base), tryParse(mine), tryParse(theirs)];
  const byLines = mergeText(base, mine, theirs);
  if (!b || !m || !t) return byLines;
  const merged = mergeTrees(b, m, t, settle);
  if (merged === undefined) return conflict;
  const content = printJson(merged, m);
  const means = tryParse(content)?.key;
  return byLines.clean && tryParse(byLines.content)?.key === means ? byLines : clean(content);
}
