const isSorted = (keys: readonly string[]): boolean =>
  keys.every((key, i) => i === 0 || (keys[i - 1] as string) <= key);

/**
 * The order of keys in a merged map: `mine` as it is, each new key of `theirs` in its sorted place where both are sorted
 * (`sorted` says so of dependencies), else after the key that it follows there, or at the end.
 */
export function mergedOrder(
  mine: readonly string[],
  theirs: readonly string[],
  sorted = isSorted(mine) && isSorted(theirs) && mine.length + theirs.length > 2,
): string[] {
  const order = [...mine];
  const known = new Set(mine);
  theirs.forEach((key, index) => {
    if (known.has(key)) return;
    known.add(key);
    if (sorted) {
      const place = order.findIndex((other) => other > key);
      order.splice(place === -1 ? order.length : place, 0, key);
      return;
    }
    const before = theirs.slice(0, index).findLast((other) => known.has(other) && order.includes(other));
    order.splice(before === undefined ? order.length : order.indexOf(before) + 1, 0, key);
  });
  return order;
}
