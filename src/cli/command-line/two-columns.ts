export type Row = readonly [term: string, text: string];

// Lines longer than this are hard to read however wide the terminal is.
const widest = 100;
const narrowest = 24;

/** Indented rows: terms `width` wide, texts wrapped so that a line has at most `columns`. */
export function twoColumns(rows: readonly Row[], width: number, columns: number): string[] {
  const room = Math.max(narrowest, Math.min(columns, widest) - width - 4);
  const indent = `\n${' '.repeat(width + 4)}`;
  return rows.map(([term, text]) => `  ${term.padEnd(width)}  ${wrap(text, room).join(indent)}`);
}

/** Each line of a text broken between words. */
function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}
