/** No object of Kubernetes is nested deeper; what is may stay as it is. */
const deepest = 40;

/**
 * The earlier value where both are equal, else the value with every part of it replaced that equals the earlier one's. A
 * thousand pods have the same probes, variables and conditions: like this they are in memory once. Changes `value`, which
 * must be the caller's own; what comes back must not be changed any more.
 */
export function intern<T>(value: T, before: unknown, depth = 0): T {
  if (value === before) return before as T;
  if (typeof value !== 'object' || value === null || typeof before !== 'object' || before === null) return value;
  if (depth > deepest || Array.isArray(value) !== Array.isArray(before)) return value;
  return Array.isArray(value)
    ? shareList(value, before as unknown[], depth)
    : (shareFields(value as Fields, before as Fields, depth) as T);
}

type Fields = Record<string, unknown>;

function shareList<T extends unknown[]>(value: T, before: readonly unknown[], depth: number): T {
  let same = value.length === before.length;
  for (let index = 0; index < value.length && index < before.length; index++) {
    value[index] = intern(value[index], before[index], depth + 1);
    same &&= value[index] === before[index];
  }
  return same ? (before as unknown as T) : value;
}

function shareFields(value: Fields, before: Fields, depth: number): Fields {
  let same = true;
  let size = 0;
  for (const name of Object.keys(value)) {
    size++;
    if (!Object.hasOwn(before, name)) {
      same = false;
      continue;
    }
    const shared = intern(value[name], before[name], depth + 1);
    if (shared !== value[name]) value[name] = shared;
    same &&= shared === before[name];
  }
  return same && size === Object.keys(before).length ? before : value;
}
