import { diff3MergeRegions } from 'node-diff3';
import { mergedOrder } from '../../formats/key-order.ts';
import {
  fromMine,
  fromTheirs,
  type ListTree,
  type MapTree,
  type Merged,
  mapTree,
  type Tree,
} from '../../formats/tree.ts';

/** Settles two values that both sides changed: `mine`, `theirs`, or undefined for a conflict. */
export type Settle = (path: readonly string[], mine: string, theirs: string) => 'mine' | 'theirs' | undefined;

interface Region {
  stable: boolean;
  bufferContent: string[];
  aContent: string[];
  oLength: number;
  bContent: string[];
}

/** Where the order of elements is their meaning, two insertions in one place contradict each other. */
const ordered = new Set(['"args"', '"command"', '"entrypoint"']);

/** What a document says, where the order of a list means nothing: the same for two that differ in that alone. */
export function meaningOf<R>(tree: Tree<R>, under = ''): string {
  if (tree.kind === 'leaf') return tree.key;
  if (tree.kind === 'map')
    return `{${[...tree.entries]
      .map(([key, value]) => `${key}:${meaningOf(value, key)}`)
      .sort()
      .join()}}`;
  const items = tree.items.map((item) => meaningOf(item));
  return `[${(ordered.has(under) ? items : items.sort()).join()}]`;
}

class Contradiction extends Error {}

/**
 * Both sides' changes to one document, or undefined where they contradict each other: maps key by key, lists element by
 * element, lists of named maps (containers, env) name by name. What `mine` deleted stays deleted; what `mine` changed
 * and `theirs` deleted stays.
 */
export function mergeTrees<R>(base: Tree<R>, mine: Tree<R>, theirs: Tree<R>, settle?: Settle): Merged<R> | undefined {
  function merge(path: readonly string[], b?: Tree<R>, m?: Tree<R>, t?: Tree<R>): Merged<R> | undefined {
    if (m === undefined) return b === undefined && t !== undefined ? fromTheirs(t) : undefined;
    if (t === undefined) return b !== undefined && b.key === m.key ? undefined : fromMine(m);
    if (m.kind === 'map' && t.kind === 'map') return mergeMaps(path, b?.kind === 'map' ? b : undefined, m, t);
    if (m.key === t.key || b?.key === t.key) return fromMine(m);
    if (m.kind === 'list' && t.kind === 'list') return mergeLists(path, b?.kind === 'list' ? b : undefined, m, t);
    if (b?.key === m.key) return fromTheirs(t);
    const settled = settle?.(path, m.key, t.key);
    if (settled === undefined) throw new Contradiction(path.join('.'));
    return settled === 'mine' ? fromMine(m) : fromTheirs(t);
  }

  function mergeMaps(path: readonly string[], b: MapTree<R> | undefined, m: MapTree<R>, t: MapTree<R>): Merged<R> {
    const entries = new Map<string, Merged<R>>();
    let same = true;
    for (const key of mergedOrder([...m.entries.keys()], [...t.entries.keys()])) {
      const value = m.entries.get(key);
      const merged = merge([...path, key], b?.entries.get(key), value, t.entries.get(key));
      if (merged) entries.set(key, merged);
      if (!(merged?.kind === 'piece' && merged.tree === value) && !(merged === undefined && value === undefined))
        same = false;
    }
    return same ? fromMine(m) : { kind: 'map', mine: m, theirs: t, entries };
  }

  function mergeLists(path: readonly string[], b: ListTree<R> | undefined, m: ListTree<R>, t: ListTree<R>): Merged<R> {
    const [bs, ms, ts] = [b && byName(b), byName(m), byName(t)];
    if (ms && ts && (bs || !b)) {
      const merged = mergeMaps(path, bs, ms, ts);
      return merged.kind === 'map' ? { kind: 'list', mine: m, items: [...merged.entries.values()] } : fromMine(m);
    }
    return { kind: 'list', mine: m, items: mergeItems(path, b?.items ?? [], m.items, t.items) };
  }

  function mergeItems(
    path: readonly string[],
    b: readonly Tree<R>[],
    m: readonly Tree<R>[],
    t: readonly Tree<R>[],
  ): Merged<R>[] {
    const keys = (items: readonly Tree<R>[]): string[] => items.map(({ key }) => key);
    const mineLeft = new Map<string, Tree<R>[]>();
    for (const item of m) mineLeft.set(item.key, [...(mineLeft.get(item.key) ?? []), item]);
    const theirsByKey = new Map(t.map((item) => [item.key, item]));
    const itemOf = (key: string): Merged<R> => {
      const own = mineLeft.get(key)?.shift();
      return own ? fromMine(own) : fromTheirs(theirsByKey.get(key) as Tree<R>);
    };
    const regions = diff3MergeRegions(keys(m), keys(b), keys(t)) as unknown as Region[];
    return regions.flatMap((region) => (region.stable ? region.bufferContent : settleRegion(path, region))).map(itemOf);
  }

  function settleRegion(path: readonly string[], { aContent, bContent, oLength }: Region): string[] {
    if (aContent.join() === bContent.join()) return aContent;
    // Two insertions in one place: both, the person's first.
    if (oLength > 0 || ordered.has(path.at(-1) ?? '')) throw new Contradiction(path.join('.'));
    return [...aContent, ...bContent.filter((key) => !aContent.includes(key))];
  }

  try {
    return merge([], base, mine, theirs);
  } catch (error) {
    if (error instanceof Contradiction) return undefined;
    throw error;
  }
}

/** A list of maps that all have a `name` of their own, as a map by that name. */
function byName<R>(list: ListTree<R>): MapTree<R> | undefined {
  const named = new Map<string, Tree<R>>();
  for (const item of list.items) {
    const name = item.kind === 'map' ? item.entries.get('"name"') : undefined;
    if (name?.kind !== 'leaf' || named.has(name.key)) return undefined;
    named.set(name.key, item);
  }
  return mapTree(named, list.ref);
}
