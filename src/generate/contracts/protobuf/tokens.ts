import { ProtoError } from './proto-error.ts';

/** A word, a number, a string or a sign of a .proto file, with the comments between it and the token before. */
export interface Token {
  kind: 'word' | 'number' | 'string' | 'sign' | 'end';
  /** As written; of a string what it says. */
  text: string;
  /** `inventory.proto:12:3` */
  place: string;
  /** Where it stands in the text, in characters; `end` is the first after it. */
  start: number;
  end: number;
  /** Belongs to what ended before this token. */
  trailing: string | undefined;
  detached: readonly string[];
  /** Belongs to what begins with this token. */
  leading: string | undefined;
}

const patterns = {
  word: /[A-Za-z_][A-Za-z0-9_]*/y,
  number: /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y,
} as const;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** Comments between two tokens, given to the one before or the one after by the rules of protoc's tokenizer. */
class Comments {
  trailing: string | undefined;
  readonly detached: string[] = [];
  #text: string | undefined;
  #isLine = false;
  #mayTrail: boolean;

  constructor(mayTrail: boolean) {
    this.#mayTrail = mayTrail;
  }

  /** Line comments that follow each other are one. */
  addLine(text: string): void {
    if (!this.#isLine) this.flush();
    this.#isLine = true;
    this.#text = (this.#text ?? '') + text;
  }

  addBlock(text: string): void {
    this.flush();
    this.#isLine = false;
    this.#text = text;
  }

  flush(): void {
    if (this.#text === undefined) return;
    if (this.#mayTrail) this.trailing = this.#text;
    else this.detached.push(this.#text);
    this.#mayTrail = false;
    this.#text = undefined;
  }

  detach(): void {
    this.#mayTrail = false;
  }

  /** Nobody knows whose it is. */
  drop(): void {
    this.#text = undefined;
  }

  get leading(): string | undefined {
    return this.#text;
  }
}

/** @throws ProtoError where something is no token */
export function tokenize(name: string, text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  const place = (): string => `${name}:${line}:${at - lineStart + 1}`;
  const newline = (): boolean => {
    if (text[at] !== '\n') return false;
    at++;
    line++;
    lineStart = at;
    return true;
  };
  const blanks = (): void => {
    while (at < text.length && /[ \t\r\v\f\ufeff]/.test(text[at] as string)) at++;
  };
  const comment = (into: Comments): 'line' | 'block' | undefined => {
    if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      const stop = end < 0 ? text.length : end + 1;
      into.addLine(text.slice(at + 2, stop));
      at = end < 0 ? stop : end;
      newline();
      return 'line';
    }
    if (!text.startsWith('/*', at)) return undefined;
    const end = text.indexOf('*/', at + 2);
    if (end < 0) throw new ProtoError(place(), 'this comment never ends');
    const inside = text.slice(at + 2, end);
    into.addBlock(inside.replace(/\n[ \t\r\v\f]*\*?/g, '\n'));
    while (at < end + 2) if (!newline()) at++;
    return 'block';
  };
  /** Goes to the next token, over the comments before it. */
  const skip = (): Comments => {
    const isFirst = tokens.length === 0;
    const comments = new Comments(!isFirst);
    if (!isFirst) {
      blanks();
      const kind = comment(comments);
      if (kind === 'line') comments.flush();
      if (kind === 'block') {
        blanks();
        if (newline()) comments.flush();
        else {
          comments.drop();
          return comments;
        }
      }
      if (kind === undefined && !newline()) return comments;
    }
    for (;;) {
      blanks();
      const kind = comment(comments);
      if (kind === 'block') {
        blanks();
        newline();
      }
      if (kind !== undefined) continue;
      if (!newline()) break;
      comments.flush();
      comments.detach();
    }
    if (at >= text.length || '}])'.includes(text[at] as string)) comments.flush();
    return comments;
  };
  /** With its quotes, on one line. Not as a regular expression, which has no stack for a long one. */
  const quoted = (): string | undefined => {
    const quote = text[at];
    if (quote !== '"' && quote !== "'") return undefined;
    for (let end = at + 1; end < text.length && text[end] !== '\n'; end++) {
      if (text[end] === quote) return text.slice(at, end + 1);
      if (text[end] === '\\' && text[end + 1] !== '\n') end++;
    }
    return undefined;
  };
  const read = (): Pick<Token, 'kind' | 'text'> => {
    const string = quoted();
    if (string !== undefined) {
      at += string.length;
      return { kind: 'string', text: unescaped(string.slice(1, -1)) };
    }
    for (const [kind, pattern] of Object.entries(patterns) as [keyof typeof patterns, RegExp][]) {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (found === undefined) continue;
      at += found.length;
      return { kind, text: found };
    }
    const sign = text[at] as string;
    if (!'{}[]()<>=;:,.-+/'.includes(sign)) throw new ProtoError(place(), `${JSON.stringify(sign)} means nothing here`);
    at++;
    return { kind: 'sign', text: sign };
  };

  for (;;) {
    const comments = skip();
    const { trailing, detached, leading } = comments;
    const before = { place: place(), start: at, trailing, detached, leading };
    if (at >= text.length) {
      tokens.push({ kind: 'end', text: 'the end of the file', ...before, end: at });
      return tokens;
    }
    tokens.push({ ...read(), ...before, end: at });
  }
}

const unescaped = (text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_, code: string) => {
    if (/^x/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return escapes[code] ?? code;
  });
