import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import { isHeading } from './headings.ts';
import type { Merged } from './tree.ts';
import type { YamlDocument } from './yaml-tree.ts';

type MergedYaml = Merged<Node | null>;

const clone = (node: Node | null): Node | null => (node === null ? null : (node.clone() as Node));

/** A node of theirs without the headings above it, and what stands above those: mine has them where they belong. */
function withoutHeadings(node: Node | null): Node | null {
  if (!node?.commentBefore) return node;
  const lines = node.commentBefore.split('\n');
  const own = lines.slice(lines.findLastIndex((line) => isHeading(`#${line}`)) + 1);
  node.commentBefore = own.length > 0 ? own.join('\n') : null;
  return node;
}

/** Theirs in the place of mine: what a person wrote beside the value stays beside it. */
function replacement(mine: Node | null | undefined, theirs: Node | null): Node | null {
  const node = clone(theirs);
  if (node && mine) {
    if (mine.comment) node.comment = mine.comment;
    if (mine.commentBefore) node.commentBefore = mine.commentBefore;
    if (mine.spaceBefore) node.spaceBefore = true;
  }
  return node;
}

function writeNode(merged: MergedYaml, mine: Node | null | undefined): Node | null {
  if (merged.kind === 'piece') return merged.from === 'mine' ? merged.tree.ref : replacement(mine, merged.tree.ref);
  if (merged.kind === 'list') {
    const list = merged.mine.ref as YAMLSeq;
    list.items = merged.items.map((item) => {
      const node = writeNode(item, undefined);
      return item.kind === 'piece' && item.from === 'theirs' ? withoutHeadings(node) : node;
    });
    // `[]` is written in flow style because nothing else can be; a list that got its first items from elsewhere is not.
    if (merged.mine.items.length === 0) list.flow = false;
    return list;
  }
  const map = merged.mine.ref as YAMLMap;
  const theirs = merged.theirs.ref as YAMLMap;
  const pairs = pairsByKey(map, merged.mine.entries.keys());
  const added = pairsByKey(theirs, merged.theirs.entries.keys());
  if (pairs.size === 0) map.flow = false;
  map.items = [...merged.entries].map(([key, value]) => {
    const own = pairs.get(key);
    const pair = own ?? ((added.get(key) as Pair).clone() as Pair);
    if (own) own.value = writeNode(value, own.value as Node | null);
    else withoutHeadings(pair.key as Node | null);
    return pair as (typeof map.items)[number];
  });
  return map;
}

/** The pairs of a map by key token: its tree was made from them in the same order. */
function pairsByKey(map: YAMLMap, keys: Iterable<string>): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  let index = 0;
  for (const key of keys) {
    pairs.set(key, map.items[index] as Pair);
    index += 1;
  }
  return pairs;
}

/** The smallest indentation of any line, comments left out: two unless the text says otherwise. */
function indentOf(text: string): number {
  const widths = [...text.matchAll(/^( +)[^\s#]/gm)].map(([, spaces = '']) => spaces.length);
  return Math.min(8, ...(widths.length > 0 ? widths : [2]));
}

/** kustomize and kubectl write `- a` under its key without indentation; most editors indent it. */
const indentsLists = (text: string): boolean => !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text);

/** Changes `mine` in place into the merged document and returns its text, comments and order kept. */
export function writeYaml(merged: MergedYaml, mine: YamlDocument, mineText: string): string {
  const contents = writeNode(merged, mine.document.contents);
  mine.document.contents = contents as typeof mine.document.contents;
  const padded = /[{[] /.test(mineText) || !/[{[]\S/.test(mineText.replace(/[{[][}\]]/g, ''));
  return mine.document.toString({
    lineWidth: 0,
    indent: indentOf(mineText),
    indentSeq: indentsLists(mineText),
    flowCollectionPadding: padded,
  });
}
