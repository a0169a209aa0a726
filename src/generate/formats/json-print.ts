import type { Span } from './json-tree.ts';
import type { Merged, Tree } from './tree.ts';

/** As wide as formatters let a list be before they break it. */
const widest = 80;

const slice = ({ text, start, end }: Span): string => text.slice(start, end);
const isInline = (span: Span): boolean => !slice(span).includes('\n');
const startsLine = ({ text, start }: Span): boolean => /\n[ \t]*$/.test(text.slice(0, start));

/** What one level of indentation is in a JSON text: two spaces unless its first indented line says otherwise. */
const unitOf = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';

function brackets(
  open: '{' | '[',
  parts: readonly string[],
  inline: boolean,
  level: number,
  unit: string,
  used: number,
): string {
  const close = open === '{' ? '}' : ']';
  if (parts.length === 0) return `${open}${close}`;
  const padding = open === '{' ? ' ' : '';
  const oneLine = `${open}${padding}${parts.join(', ')}${padding}${close}`;
  if (inline && !oneLine.includes('\n') && unit.length * level + used + oneLine.length <= widest) return oneLine;
  const inner = unit.repeat(level + 1);
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${unit.repeat(level)}${close}`;
}

/** True for a block that stands as deep in its source as it will here, so that its text can be taken as it is. */
function standsAsDeep(block: string, level: number, unit: string): boolean {
  const lastLine = block.slice(block.lastIndexOf('\n') + 1);
  return lastLine.length === unit.length * level + 1 && lastLine.startsWith(unit.repeat(level));
}

/** A tree of another document, in the indentation of this one; what stood on one line there stays on one. */
function printTree(tree: Tree<Span>, level: number, unit: string, used: number): string {
  if (tree.kind === 'leaf') return slice(tree.ref);
  const inline = isInline(tree.ref);
  if (!inline && unitOf(tree.ref.text) === unit && standsAsDeep(slice(tree.ref), level, unit)) return slice(tree.ref);
  if (tree.kind === 'list') {
    return brackets(
      '[',
      tree.items.map((item) => printTree(item, level + 1, unit, 0)),
      inline,
      level,
      unit,
      used,
    );
  }
  const parts = [...tree.entries].map(([key, value]) => `${key}: ${printTree(value, level + 1, unit, key.length + 2)}`);
  return brackets('{', parts, inline, level, unit, used);
}

function print(merged: Merged<Span>, level: number, unit: string, used: number): string {
  if (merged.kind === 'piece') {
    return merged.from === 'mine' ? slice(merged.tree.ref) : printTree(merged.tree, level, unit, used);
  }
  const inline = isInline(merged.mine.ref);
  if (merged.kind === 'list') {
    // An empty list says nothing of how items stand; those that come do.
    const wasEmpty = merged.mine.items.length === 0;
    const broken = wasEmpty && merged.items.some((item) => item.kind === 'piece' && startsLine(item.tree.ref));
    return brackets(
      '[',
      merged.items.map((item) => print(item, level + 1, unit, 0)),
      inline && !broken,
      level,
      unit,
      used,
    );
  }
  const parts = [...merged.entries].map(([key, value]) => `${key}: ${print(value, level + 1, unit, key.length + 2)}`);
  return brackets('{', parts, inline && parts.length > 0 && merged.mine.entries.size > 0, level, unit, used);
}

/** The text of a merged document: pieces of `mine` letter by letter, the rest in its indentation. */
export function printJson(merged: Merged<Span>, mine: Tree<Span>): string {
  const { text, start, end } = mine.ref;
  return text.slice(0, start) + print(merged, 0, unitOf(text), 0) + text.slice(end);
}
