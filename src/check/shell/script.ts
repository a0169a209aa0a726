/** Where a piece of text stands in a script. */
export interface Piece {
  from: number;
  to: number;
}

/** A word of a shell script: what it says, and what it is made of when it runs. */
export interface ShellWord {
  /** Its literal text, without quotes; expansions leave nothing. */
  text: string;
  /** Its literal pieces. */
  pieces: Piece[];
  /** Scripts whose output becomes part of it: `$(…)` and backquotes. */
  runs: ShellScript[];
  /** Variables that become part of it. */
  names: string[];
}

/** One command; a group in brackets has no words of its own. */
export interface ShellCommand {
  assigned: { name: string; value: ShellWord }[];
  words: ShellWord[];
  redirected: { reads: boolean; file: ShellWord }[];
  group?: ShellScript;
}

/** Pipelines joined by `&&` and `||`, from left to right. */
export type AndOrList = { operator?: '&&' | '||'; commands: ShellCommand[] }[];

/** A script as lists of commands, in their order. */
export interface ShellScript {
  lists: AndOrList[];
  /** It has conditions or loops: which command decides cannot be told from its place. */
  branches: boolean;
}

/** A script with the places of all its literal pieces. */
export interface ParsedScript {
  script: ShellScript;
  /** Every literal piece, wherever it stands. */
  pieces: Piece[];
  comments: Piece[];
}

/** A program, if this is a shell that is given its script as an argument. */
export const isShell = (program: string): boolean => /^(ba|da|a|z|k)?sh$/.test(program);

/** The argument after which a shell takes its script. */
export const takesScript = (word: string): boolean => /^-[a-z]*c$/.test(word);

/** Longer scripts and deeper ones are not taken apart. */
const longest = 4096;
const deepest = 12;

class NotUnderstood extends Error {}

/**
 * Takes a POSIX shell script apart (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html), as far as
 * short scripts need it: quotes, expansions, pipelines, lists, groups, conditions and loops. Undefined where a script has
 * more (functions, `case`, here-documents) or is broken.
 */
export function parseScript(source: string): ParsedScript | undefined {
  if (source.length > longest) return undefined;
  try {
    const parser = new Parser(source);
    const script = parser.script(0, '');
    const { pieces, comments } = parser;
    return parser.at < source.length ? undefined : { script, pieces, comments };
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

const conditions = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done']);
const beyond = new Set(['case', 'esac', 'function', 'select', 'coproc']);
const name = /[A-Za-z_]\w*/y;
const special = /[0-9@*#?$!-]/y;

class Parser {
  at = 0;
  readonly pieces: Piece[] = [];
  readonly comments: Piece[] = [];
  private source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Up to `end`, which is left for the caller; '' is the end of the text. */
  script(depth: number, end: string): ShellScript {
    if (depth > deepest) throw new NotUnderstood();
    const script: ShellScript = { lists: [], branches: false };
    for (;;) {
      this.blanks(true);
      if (this.at >= this.source.length) {
        if (end !== '') throw new NotUnderstood();
        return script;
      }
      if (end !== '' && this.source.startsWith(end, this.at)) return script;
      if (this.take(';') || this.take('&')) continue;
      const list = this.list(depth, end, script);
      if (list.length > 0) script.lists.push(list);
    }
  }

  private list(depth: number, end: string, script: ShellScript): AndOrList {
    const list: AndOrList = [];
    let operator: '&&' | '||' | undefined;
    for (;;) {
      const commands = [this.command(depth, end, script)];
      while (!this.source.startsWith('||', this.at) && this.take('|')) {
        this.take('&');
        this.blanks(true);
        commands.push(this.command(depth, end, script));
      }
      list.push({ ...(operator ? { operator } : {}), commands });
      operator = this.take('&&') ? '&&' : this.take('||') ? '||' : undefined;
      if (!operator) return list;
      this.blanks(true);
    }
  }

  private command(depth: number, end: string, script: ShellScript): ShellCommand {
    const command: ShellCommand = { assigned: [], words: [], redirected: [] };
    for (;;) {
      this.blanks(false);
      // Within `[[ … ]]` these are operators of the condition.
      if (command.words[0]?.text === '[[' && command.words.at(-1)?.text !== ']]' && this.match(/[|&()<>]+/y)) continue;
      if (this.isEnd(end)) return command;
      if (command.words.length === 0 && command.group === undefined && this.opensGroup()) {
        command.group = this.group(depth);
        script.branches ||= command.group.branches;
        continue;
      }
      if (this.redirection(command, depth)) continue;
      if (/[()]/.test(this.source[this.at] ?? '')) throw new NotUnderstood();
      const word = this.word(depth);
      if (command.words.length === 0 && this.isKeyword(word, script, depth)) continue;
      const [, variable] = /^([A-Za-z_]\w*)\+?=/.exec(this.source.slice(word.pieces[0]?.from ?? this.at)) ?? [];
      if (variable && command.words.length === 0) command.assigned.push({ name: variable, value: word });
      else command.words.push(word);
    }
  }

  private isKeyword({ text, runs, names }: ShellWord, script: ShellScript, depth: number): boolean {
    if (runs.length + names.length > 0) return false;
    if (text === '!') return true;
    if (beyond.has(text)) throw new NotUnderstood();
    if (text === 'for') this.values(depth);
    else if (!conditions.has(text)) return false;
    script.branches = true;
    return true;
  }

  /** The rest of a line whose words are no command. */
  private values(depth: number): void {
    this.blanks(false);
    while (!this.isEnd('')) {
      this.word(depth);
      this.blanks(false);
    }
  }

  private opensGroup(): boolean {
    return (
      (this.source[this.at] === '(' && !this.source.startsWith('((', this.at)) ||
      /^\{\s/.test(this.source.slice(this.at, this.at + 2)) ||
      this.source.startsWith('((', this.at)
    );
  }

  private group(depth: number): ShellScript {
    if (this.source.startsWith('((', this.at)) {
      this.at += 2;
      const word = this.arithmetic(depth, { text: '', pieces: [], runs: [], names: [] });
      const program: ShellWord = { text: '((', pieces: [], runs: [], names: [] };
      return { lists: [[{ commands: [{ assigned: [], words: [program, word], redirected: [] }] }]], branches: false };
    }
    const end = this.take('(') ? ')' : '}';
    if (end === '}') this.at++;
    const inner = this.script(depth + 1, end);
    this.at++;
    return inner;
  }

  private redirection(command: ShellCommand, depth: number): boolean {
    const [sign, number, arrows] = /^(\d?)(&?>>?|<>|<<<|<<|<|>\|)/.exec(this.source.slice(this.at, this.at + 4)) ?? [];
    if (sign === undefined || (number && !/\s|^$/.test(this.source[this.at - 1] ?? ''))) return false;
    if (arrows === '<<') throw new NotUnderstood();
    this.at += sign.length;
    if (this.take('&')) {
      this.match(/[\d-]*/y);
      return true;
    }
    this.blanks(false);
    const target = this.word(depth);
    if (arrows === '<<<') command.words.push(target);
    else command.redirected.push({ reads: arrows?.startsWith('<') === true, file: target });
    return true;
  }

  private word(depth: number): ShellWord {
    const word: ShellWord = { text: '', pieces: [], runs: [], names: [] };
    const from = this.at;
    while (this.at < this.source.length) {
      const char = this.source[this.at] ?? '';
      if (/[\s;&|()<>]/.test(char)) break;
      if (char === "'") this.quoted(word);
      else if (char === '"') this.doubleQuoted(word, depth);
      else if (char === '$' || char === '`') this.expansion(word, depth);
      else if (char === '\\') {
        this.at++;
        this.literal(word, this.at, this.at + 1);
      } else this.literal(word, this.at, this.at + 1);
    }
    if (this.at === from) throw new NotUnderstood();
    return word;
  }

  private quoted(word: ShellWord): void {
    const close = this.source.indexOf("'", this.at + 1);
    if (close < 0) throw new NotUnderstood();
    this.at++;
    this.literal(word, this.at, close);
    this.at = close + 1;
  }

  private doubleQuoted(word: ShellWord, depth: number): void {
    this.at++;
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined) throw new NotUnderstood();
      if (char === '"') break;
      if (char === '$' || char === '`') this.expansion(word, depth);
      else {
        if (char === '\\') this.at++;
        this.literal(word, this.at, this.at + 1);
      }
    }
    this.at++;
  }

  private literal(word: ShellWord, from: number, to: number): void {
    const last = word.pieces.at(-1);
    if (last?.to === from) last.to = to;
    else if (to > from) this.piece(word, from, to);
    word.text += this.source.slice(from, to);
    this.at = to;
  }

  private piece(word: ShellWord, from: number, to: number): void {
    const piece = { from, to };
    word.pieces.push(piece);
    this.pieces.push(piece);
  }

  private expansion(word: ShellWord, depth: number): void {
    if (this.take('$((')) {
      this.arithmetic(depth, word);
      return;
    }
    if (this.take('$(')) {
      word.runs.push(this.script(depth + 1, ')'));
      this.at++;
      return;
    }
    if (this.take('`')) {
      this.backquoted(word, depth);
      return;
    }
    this.at++;
    if (this.take('{')) {
      const variable = this.match(name) ?? this.match(special);
      const close = this.source.indexOf('}', this.at);
      if (!variable || close < 0) throw new NotUnderstood();
      word.names.push(variable);
      // `${NAME:-default}`: the default is text like any other.
      if (close > this.at) this.piece(word, this.at, close);
      this.at = close + 1;
      return;
    }
    const variable = this.match(name) ?? this.match(special);
    if (variable) word.names.push(variable);
    else this.literal(word, this.at - 1, this.at);
  }

  private backquoted(word: ShellWord, depth: number): void {
    const whole = this.source;
    const close = whole.indexOf('`', this.at);
    if (close < 0 || whole.slice(this.at, close).includes('\\')) throw new NotUnderstood();
    this.source = whole.slice(0, close);
    word.runs.push(this.script(depth + 1, ''));
    this.source = whole;
    this.at = close + 1;
  }

  /** Up to its `))`: commands and variables in it, with or without a dollar. */
  private arithmetic(depth: number, word: ShellWord): ShellWord {
    let open = 0;
    while (this.at < this.source.length) {
      if (open === 0 && this.take('))')) return word;
      const char = this.source[this.at] ?? '';
      if (char === '$' || char === '`') {
        this.expansion(word, depth);
        continue;
      }
      const variable = this.match(name);
      if (variable) {
        word.names.push(variable);
        continue;
      }
      if (char === '(') open++;
      if (char === ')') open--;
      this.at++;
    }
    throw new NotUnderstood();
  }

  private isEnd(end: string): boolean {
    const char = this.source[this.at];
    if (char === undefined || /[;\n|]/.test(char)) return true;
    if (char === '&' && this.source[this.at + 1] !== '>') return true;
    return end !== '' && end !== '}' && char === end;
  }

  private blanks(lines: boolean): void {
    for (;;) {
      this.match(lines ? /(?:\s|\\\n)+/y : /(?:[ \t\r]|\\\n)+/y);
      if (this.source[this.at] !== '#') return;
      const from = this.at;
      this.match(/[^\n]*/y);
      this.comments.push({ from, to: this.at });
    }
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.source) ?? [];
    if (found === undefined || found === '') return undefined;
    this.at += found.length;
    return found;
  }
}
