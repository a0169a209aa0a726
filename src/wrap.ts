/** Wider than this, lines are hard to read whatever the terminal could show. */
export const widest = 120;

/** Columns that a text takes; enough for what Kubernetes allows in names, close for the rest. */
export const width = (text: string): number => [...text].length;

const noBreak = '\u00a0';

/** A part of a text that `wrap` leaves whole, however long it is: a command in two pieces cannot be copied. */
export const unbroken = (command: string): string => command.replaceAll(' ', noBreak);

/**
 * Breaks a text into lines of at most `columns`, at spaces; a word that is longer than a line is cut, unless it is
 * `unbroken`. Lines after the first are indented.
 */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  const room = (): number => Math.max(20, columns - (lines.length > 0 ? indent.length : 0));
  for (let word of text.split(' ')) {
    while (width(word) > room() && !word.includes(noBreak)) {
      if (line) {
        lines.push(line);
        line = '';
      }
      lines.push([...word].slice(0, room()).join(''));
      word = [...word].slice(room()).join('');
    }
    if (line && width(line) + 1 + width(word) > room()) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  if (line) lines.push(line);
  return lines.map((each, index) => (index === 0 ? each : indent + each).replaceAll(noBreak, ' '));
}
