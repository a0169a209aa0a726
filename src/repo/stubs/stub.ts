export interface Stub {
  /** By path from the top of the repository. */
  files: Readonly<Record<string, string>>;
  /** The one list that names it. */
  index?: { path: string; change(text: string): string };
  /** Tests that concern it: a minute, where all take many. */
  tests: readonly string[];
  /** Of these, the ones whose snapshots show it. */
  snapshots?: readonly string[];
}

/** `text` with an import among its imports, in the formatter's order, and an entry before the end of a list. */
export function withEntry(text: string, importLine: string, entry: string, listEnd: RegExp): string {
  const lines = text.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const rest = lines.slice(lines.lastIndexOf(imports.at(-1) ?? '') + 1).join('\n');
  const from = (line: string): string => line.match(/'([^']+)'/)?.[1] ?? '';
  const sorted = [...imports, importLine].sort((a, b) => (from(a) < from(b) ? -1 : 1));
  const changed = rest.replace(listEnd, (end) => `${entry}${end}`);
  if (changed === rest) throw new Error('the end of the list was not found');
  return `${sorted.join('\n')}\n${changed}`;
}
