/** Adds a value to the list at a key, which begins with it where there is none. */
export function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** A list's items by what they have in common, in their order; those without a key are left out. */
export function groupBy<K, T>(list: readonly T[], key: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of list) {
    const own = key(item);
    if (own !== undefined) append(groups, own, item);
  }
  return groups;
}
