/** NUL, and halves of characters (lone UTF-16 surrogates): JSON may hold them, and no database takes them. */
const isUnstorable = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text);

/** Finds it in a value as JSON has it, however deep. @returns where: `body.items.0.sku`. */
export function findUnstorable(name: string, value: unknown): string | undefined {
  const open: [string, unknown][] = [[name, value]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [path, part] = next;
    if (typeof part === 'string' && isUnstorable(part)) return path;
    if (typeof part !== 'object' || part === null || Buffer.isBuffer(part)) continue;
    const keys = Array.isArray(part) ? part.keys() : Object.keys(part);
    for (const key of keys) {
      if (typeof key === 'string' && isUnstorable(key)) return path;
      const item = (part as Record<string | number, unknown>)[key];
      if (typeof item === 'string' || typeof item === 'object') open.push([`${path}.${key}`, item]);
    }
  }
  return undefined;
}
