import { type Document, isAlias, isCollection, isMap, isNode, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { yamlOptions } from './yaml-options.ts';

/** Where a value begins: of one document of a file, and in it the item of a list of objects. */
export interface Position {
  document: number;
  item?: number;
}

/** Line, from 1, at which a path of an object begins; where the object lacks it, of the nearest that it has. */
export type LineOf = (position: Position, path?: string) => number;

type Step = string | number | '*';

/** Reads the text once, when the first line is asked for: most files of a large folder are never asked about. */
export function linesOf(text: string): LineOf {
  let known: { documents: Document[]; counter: LineCounter } | undefined;
  return ({ document, item }, path = '') => {
    if (!known) {
      const counter = new LineCounter();
      known = { documents: parseAllDocuments(text, { ...yamlOptions, lineCounter: counter }) as Document[], counter };
    }
    const read = known.documents[document];
    if (!read) return 1;
    const start = item === undefined ? read.contents : (read.get('items', true) as unknown);
    const offset =
      item === undefined
        ? offsetOf(start, stepsOf(path), read)
        : offsetOf(isSeq(start) ? start.items[item] : start, stepsOf(path), read);
    return known.counter.linePos(offset).line;
  };
}

/** `spec.containers[0].env`, `metadata.annotations["a.b/c"]`, `containers[*].ports` */
const stepsOf = (path: string): Step[] =>
  [...path.matchAll(/\["([^"]*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)].map(([, quoted, index, name]) =>
    index === undefined ? (quoted ?? name ?? '') : index === '*' ? '*' : Number(index),
  );

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

function offsetOf(start: unknown, steps: readonly Step[], document: Document): number {
  let offset = startOf(start) ?? 0;
  let node = start;
  for (let at = 0; at < steps.length; ) {
    const next = follow(resolved(node, document), steps, at);
    if (!next) break;
    offset = next.offset ?? offset;
    node = next.node;
    at = next.at;
  }
  return offset;
}

const resolved = (node: unknown, document: Document): unknown =>
  isAlias(node) ? (node.resolve(document) as unknown) : node;

function follow(node: unknown, steps: readonly Step[], at: number) {
  if (!isCollection(node)) return undefined;
  const step = steps[at];
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : node.items[0];
    if (item === undefined || (typeof step !== 'number' && step !== '*')) return undefined;
    return { node: item, offset: startOf(item), at: at + 1 };
  }
  if (!isMap(node)) return undefined;
  // A key may hold dots: `data.application.yaml` is the key `application.yaml` of data.
  for (let end = steps.length; end > at; end -= 1) {
    const name = steps.slice(at, end).join('.');
    const pair = node.items.find(({ key }) => String(key) === name);
    if (pair) return { node: pair.value, offset: startOf(pair.key), at: end };
  }
  return undefined;
}
