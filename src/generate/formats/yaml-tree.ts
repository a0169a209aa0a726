import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import { leaf, listTree, mapTree, type Tree } from './tree.ts';

export interface YamlDocument {
  document: Document.Parsed;
  tree: Tree<Node | null>;
}

/** The token of a scalar: numbers as written, everything else as JSON. */
function scalarToken(node: Node | null): string | undefined {
  if (node === null) return 'null';
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'number' || typeof node.value === 'bigint'
    ? `${node.source ?? node.value}`
    : (JSON.stringify(node.value) ?? 'null');
}

function treeOf(node: Node | null): Tree<Node | null> | undefined {
  if (isMap(node)) {
    const entries = new Map<string, Tree<Node | null>>();
    for (const pair of node.items) {
      const key = isNode(pair.key) ? scalarToken(pair.key) : undefined;
      const value = treeOf((pair.value ?? null) as Node | null);
      if (key === undefined || value === undefined) return undefined;
      entries.set(key, value);
    }
    return mapTree(entries, node);
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => (isPair(item) ? undefined : treeOf(item as Node | null)));
    return items.every((item) => item !== undefined) ? listTree(items, node) : undefined;
  }
  const token = scalarToken(node);
  return token === undefined ? undefined : leaf(token, node);
}

/** True where a text says the same thing twice by reference, or more than a plain value by a tag. */
function hasReferences(document: Document): boolean {
  let found = false;
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || ('anchor' in node && node.anchor) || node.tag) found = true;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** One YAML document with its tree; undefined where it is broken, several, or uses anchors, aliases or tags. */
export function parseYaml(text: string): YamlDocument | undefined {
  const document = parseDocument(text, { uniqueKeys: true, logLevel: 'error' });
  if (document.errors.length > 0 || document.warnings.length > 0 || hasReferences(document)) return undefined;
  const tree = treeOf(document.contents);
  return tree && { document, tree };
}
