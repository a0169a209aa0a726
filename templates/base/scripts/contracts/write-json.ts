import { readFile, writeFile } from 'node:fs/promises';

/** The one form of a contract file: what did not change stays on its line, so that a difference shows what did. */
export const formatJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The same value, with its keys in the order in which they stand in `before`; new ones come last. */
export function inOrderOf<T>(before: unknown, after: T): T {
  if (Array.isArray(after)) {
    return after.map((item, i) => inOrderOf(Array.isArray(before) ? before[i] : undefined, item)) as T;
  }
  if (!isMap(after) || !isMap(before)) return after;
  const known = Object.keys(before).filter((key) => Object.hasOwn(after, key));
  const added = Object.keys(after).filter((key) => !Object.hasOwn(before, key));
  return Object.fromEntries([...known, ...added].map((key) => [key, inOrderOf(before[key], after[key])])) as T;
}

/** @returns undefined where there is no such file */
export async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`);
  }
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, formatJson(inOrderOf(await readJson(file), value)));
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export const mapOf = (value: unknown): Record<string, unknown> => (isMap(value) ? value : {});
