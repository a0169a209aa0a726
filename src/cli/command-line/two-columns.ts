import { wrap } from '../../wrap.ts';

export type Row = readonly [term: string, text: string];

// Lines longer than this are hard to read however wide the terminal is.
const widest = 100;
const narrowest = 24;

/** Indented rows: terms `width` wide, texts wrapped so that a line has at most `columns`. */
export function twoColumns(rows: readonly Row[], width: number, columns: number): string[] {
  const room = Math.max(narrowest, Math.min(columns, widest) - width - 4);
  const indent = `\n${' '.repeat(width + 4)}`;
  return rows.map(
    ([term, text]) =>
      `  ${term.padEnd(width)}  ${text
        .split('\n')
        .flatMap((line) => wrap(line, room))
        .join(indent)}`,
  );
}
