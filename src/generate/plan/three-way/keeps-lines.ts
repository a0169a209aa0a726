const counted = (lines: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
};

/** True where every line that `mine` has more often than `base` is in `result` at least that many times. */
export function keepsLines(base: readonly string[], mine: readonly string[], result: readonly string[]): boolean {
  const [before, after] = [counted(base), counted(result)];
  return [...counted(mine)].every(([line, times]) => (after.get(line) ?? 0) >= times - (before.get(line) ?? 0));
}
