import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';
import { whyNotYaml } from './not-yaml.ts';
import { yamlOptions } from './yaml-options.ts';

/** What a file of YAML or JSON holds, a value a document; or the line that is none, and why. */
export type ParsedYaml = { values: unknown[] } | { line?: number; why: string };

/**
 * YAML as kubectl reads it: version 1.1 (`yes` is true, `0644` is octal) with merge keys, the last of two equal keys
 * counts, and a field that is null is not there. Times stay texts, because Kubernetes has no other.
 */
export function parseYaml(text: string): ParsedYaml {
  const documents = parseAllDocuments(text, yamlOptions) as Document[];
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) {
    const line = error.linePos?.[0].line;
    return { ...(line ? { line } : {}), why: whyNotYaml(error) };
  }
  try {
    return { values: documents.map((document) => new Values().of(document.contents)) };
  } catch (failure) {
    if (failure instanceof TooMuch) return { why: failure.message };
    if (failure instanceof RangeError) return { why: 'It is nested too deeply' };
    throw failure;
  }
}

class TooMuch extends Error {}

/** Values of one document after every alias is followed: more is no configuration but an attack. */
const mostValues = 5_000_000;

/** Maps of texts, in which nothing given is the empty text. */
const textMaps = new Set(['data', 'binaryData', 'labels', 'annotations', 'matchLabels', 'nodeSelector']);

interface Sized {
  value: unknown;
  size: number;
}

/** Turns nodes into values; what an alias stands for is made once and shared, so that many cost little. */
class Values {
  private readonly anchors = new Map<string, Sized>();

  of(node: unknown): unknown {
    return this.sized(node, '').value;
  }

  private sized(node: unknown, field: string): Sized {
    if (isAlias(node)) {
      const found = this.anchors.get(node.source);
      if (!found) throw new TooMuch('An alias (*name) stands for an anchor (&name) that is not there before it');
      return found;
    }
    const made = this.made(node, field);
    if (made.size > mostValues) throw new TooMuch(`Its aliases stand for more than ${mostValues} values`);
    const { anchor } = (node ?? {}) as Node & { anchor?: string };
    if (anchor) this.anchors.set(anchor, made);
    return made;
  }

  private made(node: unknown, field: string): Sized {
    if (isScalar(node)) return { value: node.value, size: 1 };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.sized(item, field));
      return { value: items.map(({ value }) => value), size: sum(items) };
    }
    return isMap(node) ? this.map(node.items, field) : { value: null, size: 1 };
  }

  private map(pairs: readonly { key: unknown; value: unknown }[], field: string): Sized {
    const own = new Map<string, unknown>();
    const merged: Sized[] = [];
    const sizes: Sized[] = [];
    for (const { key, value } of pairs) {
      if (isMergeKey(key)) merged.push(this.sized(value, ''));
      else {
        const name = String(this.sized(key, '').value);
        const inner = this.sized(value, name);
        sizes.push(inner);
        if (inner.value !== null && inner.value !== undefined) own.set(name, inner.value);
        else if (textMaps.has(field)) own.set(name, '');
        else own.set(name, undefined);
      }
    }
    // What stands in the map itself wins over what it is merged with, and of those the first.
    for (const { value } of merged)
      for (const source of Array.isArray(value) ? value : [value])
        for (const [name, inner] of Object.entries((source ?? {}) as object)) if (!own.has(name)) own.set(name, inner);
    const present = [...own].filter(([, value]) => value !== undefined);
    return { value: Object.fromEntries(present), size: sum([...sizes, ...merged]) };
  }
}

const sum = (list: readonly Sized[]): number => list.reduce((total, { size }) => total + size, 1);

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
