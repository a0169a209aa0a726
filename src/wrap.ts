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

const programs = new Set(['docker', 'git', 'helm', 'istioctl', 'kubectl', 'linkerd', 'msvc', 'npm', 'npx', 'pnpm']);

/** Signs that words of prose do not have. */
const isArgument = (word: string): boolean => /^-|[/=<>{}"'$|*]|\d|^[A-Z]{3,}$/.test(word);

/** Prose whose commands are `unbroken`: a program that people type, and what follows as long as it looks like arguments. */
export function commandsUnbroken(text: string): string {
  const words = text.split(' ');
  const pieces: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const piece = [words[at] as string];
    // A verb and what it is about; a third word where a flag comes after it.
    let plain = 2;
    while (programs.has((piece[0] as string).replace(/^\W+/, '')) && !/[,;:.)]$/.test(piece.at(-1) as string)) {
      const [last = '', next = '', after = ''] = [piece.at(-1), words[at + 1], words[at + 2]];
      const isValue = /^-\w$/.test(last) && next !== '';
      const isWord = /^[a-z][\w-]*\W?$/.test(next) && (plain > 0 || after.startsWith('-'));
      if (!isValue && !isWord && !isArgument(next)) break;
      if (isWord && !isValue) plain -= 1;
      piece.push(next);
      at += 1;
    }
    pieces.push(unbroken(piece.join(' ')));
  }
  return pieces.join(' ');
}
