import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

const portable = (path: string): string => path.split(sep).join('/');

/** All files below a folder of this repository, as paths from its top, with `/`. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => portable(relative(root, join(entry.parentPath, entry.name))))
    .sort();

export interface Import {
  from: string;
  /** A path from the top of the repository, or a package's name. */
  to: string;
  line: number;
  /** `import type`: erased, so it costs nothing and makes no cycle at run time. */
  typeOnly: boolean;
  lazy: boolean;
}

const statement =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gms;

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');

/** Every import of a TypeScript file. Text is enough: the formatter keeps them in one shape. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(statement)].map((match) => {
    const specifier = (match[2] ?? match[3]) as string;
    return {
      from: file,
      to: specifier.startsWith('.') ? posix.join(dirname(file), specifier) : packageOf(specifier),
      line: text.slice(0, match.index).split('\n').length,
      typeOnly: match[1] !== undefined,
      lazy: match[3] !== undefined,
    };
  });
}
