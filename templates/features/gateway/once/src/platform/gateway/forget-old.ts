/**
 * Leaves out, from the oldest on, what is over and what is more than `most`. A map keeps the order in which it was filled;
 * who would only count would keep ten thousand of what nobody comes back for.
 */
export function forgetOld<T>(kept: Map<string, T>, most: number, isOver: (value: T) => boolean): void {
  for (const [key, value] of kept) {
    if (kept.size <= most && !isOver(value)) return;
    kept.delete(key);
  }
}
