import { isHeading } from './headings.ts';

/**
 * A variable in a `.env` file with the comments and empty lines above it, or a heading with those above that: it is its
 * own name. `name` is empty for what follows the last one.
 */
export interface EnvBlock {
  name: string;
  lines: readonly string[];
}

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=/;
/** A variable that is only shown, as most are in an example: `# PORT=3000`. Its name keeps the #. */
const shown = /^# ?([A-Z][A-Z0-9_]*)=/;

/** The blocks of a `.env` file; undefined where a variable is set twice or a value goes over several lines. */
export function parseEnv(text: string): EnvBlock[] | undefined {
  const blocks: EnvBlock[] = [];
  const names = new Set<string>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    lines.push(line);
    const example = shown.exec(line)?.[1];
    const variable = example === undefined ? assignment.exec(line)?.[1] : `#${example}`;
    const name = isHeading(line) ? line.trim() : variable;
    if (name === undefined) {
      if (line.trim() !== '' && !line.trim().startsWith('#')) return undefined;
      continue;
    }
    if (names.has(name)) return undefined;
    names.add(name);
    blocks.push({ name, lines });
    lines = [];
  }
  return [...blocks, { name: '', lines }];
}

export const printEnv = (blocks: readonly EnvBlock[]): string => blocks.flatMap(({ lines }) => lines).join('\n');
