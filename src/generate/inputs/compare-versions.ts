const numbers = (version: string): number[] => version.split(/[-+]/, 1).join('').split('.').map(Number);

/** Negative, zero or positive, as `a` is older, the same or newer; by the three numbers alone. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  const place = [0, 1, 2].find((index) => left[index] !== right[index]);
  return place === undefined ? 0 : (left[place] ?? 0) - (right[place] ?? 0);
}
