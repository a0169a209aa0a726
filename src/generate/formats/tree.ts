/**
 * A JSON or YAML document as three-way merging sees it. `R` is the place in its source that a node came from, so that
 * a result can be written from pieces of its sources, formatting and comments included.
 */
export type Tree<R> = Leaf<R> | MapTree<R> | ListTree<R>;

export interface Leaf<R> {
  kind: 'leaf';
  /** The value as a token: strings as JSON, numbers as written (so that 1.10 is not 1.1). */
  key: string;
  ref: R;
}

export interface MapTree<R> {
  kind: 'map';
  /** By key token. A Map, so that order stays and no key, `__proto__` least of all, means anything. */
  entries: ReadonlyMap<string, Tree<R>>;
  key: string;
  ref: R;
}

export interface ListTree<R> {
  kind: 'list';
  items: readonly Tree<R>[];
  key: string;
  ref: R;
}

export const leaf = <R>(token: string, ref: R): Leaf<R> => ({ kind: 'leaf', key: token, ref });

/** `key` is the same for maps with the same entries in another order. */
export const mapTree = <R>(entries: ReadonlyMap<string, Tree<R>>, ref: R): MapTree<R> => ({
  kind: 'map',
  entries,
  key: `{${[...entries]
    .map(([key, value]) => `${key}:${value.key}`)
    .sort()
    .join()}}`,
  ref,
});

export const listTree = <R>(items: readonly Tree<R>[], ref: R): ListTree<R> => ({
  kind: 'list',
  items,
  key: `[${items.map(({ key }) => key).join()}]`,
  ref,
});

/** A tree put together from two: whole pieces of either, and nodes of `mine` whose children are mixed. */
export type Merged<R> =
  | { kind: 'piece'; from: 'mine' | 'theirs'; tree: Tree<R> }
  | { kind: 'map'; mine: MapTree<R>; theirs: MapTree<R>; entries: ReadonlyMap<string, Merged<R>> }
  | { kind: 'list'; mine: ListTree<R>; items: readonly Merged<R>[] };

export const fromMine = <R>(tree: Tree<R>): Merged<R> => ({ kind: 'piece', from: 'mine', tree });
export const fromTheirs = <R>(tree: Tree<R>): Merged<R> => ({ kind: 'piece', from: 'theirs', tree });
