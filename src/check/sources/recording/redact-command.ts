import { comparisons, portLookers, programOf, readers, silent, wrappers } from '../../shell/programs.ts';
import {
  isShell,
  type ParsedScript,
  type Piece,
  parseScript,
  type ShellCommand,
  type ShellScript,
  type ShellWord,
  takesScript,
} from '../../shell/script.ts';

type Mark = (text: string) => string;

/**
 * A command as it may be given away: the programs that it runs, what joins them, and the operators that say what is
 * compared; every other word becomes a mark. It proves what the whole command proved.
 */
export function redactCommand(command: readonly string[], mark: Mark): string[] {
  const words = command.map((text): ShellWord => ({ text, pieces: [], runs: [], names: [] }));
  const { program, index } = programOf(words);
  return command.map((text, at) => {
    const before = command[at - 1] ?? '';
    if (at === index && isPlainProgram(text)) return text;
    if (takesScript(before) && command.slice(0, at).some((word) => isShell(baseName(word))))
      return redactScript(text, mark);
    if (isOpenNumber(program, text)) return text;
    return redactWord(text, mark);
  });
}

const baseName = (path: string): string => path.split('/').at(-1) ?? '';
const isPlainProgram = (text: string): boolean => /^[\w./+[:-]{1,80}$/.test(text);
/** How it ends, or how long it waits: a number that lets nobody in. */
const isOpenNumber = (program: string | undefined, text: string): boolean =>
  ((program === 'exit' || program === 'return') && /^\d{1,3}$/.test(text)) ||
  (baseName(program ?? '') === 'sleep' && /^\d{1,5}s?$/.test(text));
const isVariable = (program: string | undefined, text: string): boolean =>
  /^(read|local|declare|export)$/.test(program ?? '') && /^[A-Za-z_]\w{0,63}$/.test(text);

function redactScript(source: string, mark: Mark): string {
  const parsed = parseScript(source);
  if (!parsed) return mark(source);
  const kept = new Map<Piece, string>();
  visit(parsed.script, source, mark, kept);
  return rebuilt(source, parsed, (piece) => kept.get(piece) ?? redactWord(source.slice(piece.from, piece.to), mark));
}

/** Decides about the pieces whose place says what they are. */
function visit({ lists }: ShellScript, source: string, mark: Mark, kept: Map<Piece, string>): void {
  for (const { words, assigned, redirected, group } of lists
    .flat()
    .flatMap(({ commands }): ShellCommand[] => commands)) {
    const { program, index } = programOf(words);
    words.forEach((word, at) => {
      const [piece, more] = word.pieces;
      if (!piece || more) return;
      const text = source.slice(piece.from, piece.to);
      if ((at === index && isPlainProgram(text)) || isOpenNumber(program, text) || isVariable(program, text))
        kept.set(piece, text);
      else if (takesScript(words[at - 1]?.text ?? '') && words.slice(0, at).some(({ text }) => isShell(baseName(text))))
        kept.set(piece, text === word.text ? redactScript(text, mark) : mark(text));
    });
    if (group) visit(group, source, mark, kept);
    for (const word of [...words, ...assigned.map(({ value }) => value), ...redirected.map(({ file }) => file)])
      for (const run of word.runs) visit(run, source, mark, kept);
  }
}

function rebuilt(source: string, { pieces, comments }: ParsedScript, say: (piece: Piece) => string): string {
  const all = [
    ...pieces.map((piece) => ({ ...piece, text: say(piece) })),
    ...comments.map((one) => ({ ...one, text: '#' })),
  ];
  let text = '';
  let at = 0;
  for (const { from, to, text: said } of all.sort((a, b) => a.from - b.from)) {
    text += source.slice(at, from) + said;
    at = to;
  }
  return text + source.slice(at);
}

const syntax = new Set(
  '! [ ] [[ ]] (( )) { } = == != =~ -- - if then elif else fi for in while until do done && || pipefail'.split(' '),
);
const vocabulary = [silent, readers, comparisons, portLookers, wrappers];
const flag = /^-([A-Za-z0]|[a-z]{2,3}|[acm]min|[acm]time|newer\w{0,2}|-?version|-?help)$/;
/** Where programs and what they make are kept: which of them says whether the app has a hand in a file. */
const folder =
  /^\/(dev\/(tcp|udp|shm)|(var\/)?run\/secrets|proc|sys|dev|etc|s?bin|usr|lib|lib64|boot|tmp|var|run|opt|app|home|srv|mnt|data|secrets)(?=\/|$)/;

function redactWord(text: string, mark: Mark): string {
  if (text === '' || /^\s+$/.test(text) || syntax.has(text) || flag.test(text)) return text;
  if (vocabulary.some((words) => words.has(text)) || isShell(text)) return text;
  if (/^%\(%?[a-z]?\)T$/i.test(text)) return text;
  const [, assigned, value] = /^([A-Za-z_]\w{0,63}\+?=)(.*)$/s.exec(text) ?? [];
  if (assigned !== undefined) return value ? assigned + mark(value) : assigned;
  // `${NAME:-default}`
  const [, operator, rest] = /^(:?[-+=?]|##?|%%?)(.+)$/s.exec(text) ?? [];
  if (operator !== undefined && rest !== undefined) return operator + mark(rest);
  const place = folder.exec(text)?.[0];
  if (place !== undefined) return place + marked(text.slice(place.length), mark);
  return text.includes('/') ? marked(text, mark) : `${mark(text)}${/^[\w.-]+\.[a-z]\w*$/.test(text) ? '.f' : ''}`;
}

/** That it is a path stays. */
const marked = (path: string, mark: Mark): string =>
  path
    .split('/')
    .map((part) => (part === '' ? '' : mark(part)))
    .join('/');
