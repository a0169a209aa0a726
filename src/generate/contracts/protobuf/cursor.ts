import { ProtoError } from './proto-error.ts';
import type { Token } from './tokens.ts';

/** What of a text is to be something else. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** What is said in the words of other files: left out by those who do not have these. */
export interface LeftOut {
  /** That make it a text without them. */
  edits: Edit[];
  /** `(google.api.http)` */
  names: Set<string>;
}

/** Reads tokens one after the other; what is not as expected is an error at its place. */
export class Cursor {
  readonly #tokens: readonly Token[];
  /** Collects what is left out; where there is none, such a thing is an error. */
  readonly leftOut: LeftOut | undefined;
  #at = 0;

  constructor(tokens: readonly Token[], leftOut?: LeftOut) {
    this.#tokens = tokens;
    this.leftOut = leftOut;
  }

  /** The one that was taken last. */
  get last(): Token {
    return this.#tokens[this.#at - 1] as Token;
  }

  get next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  get isOver(): boolean {
    return this.next.kind === 'end';
  }

  fail(what: string, at: Token = this.next): never {
    throw new ProtoError(at.place, what);
  }

  take(): Token {
    const token = this.next;
    if (!this.isOver) this.#at++;
    return token;
  }

  is(text: string): boolean {
    const { kind, text: found } = this.next;
    return kind !== 'string' && found === text;
  }

  accept(text: string): boolean {
    const isIt = this.is(text);
    if (isIt) this.take();
    return isIt;
  }

  expect(text: string): Token {
    if (!this.is(text)) this.fail(`"${text}" must be here, not "${this.next.text}"`);
    return this.take();
  }

  /** Goes over what the next sign opens, to the one that closes it. */
  skipBlock(): void {
    const first = this.next;
    let depth = 0;
    do {
      const { kind, text } = this.take();
      if (kind === 'end') this.fail(`what "${first.text}" opens never ends`, first);
      if (kind === 'sign' && '{[('.includes(text)) depth += 1;
      if (kind === 'sign' && '}])'.includes(text)) depth -= 1;
    } while (depth > 0);
  }

  word(what: string): string {
    if (this.next.kind !== 'word') this.fail(`${what} must be here, not "${this.next.text}"`);
    return this.take().text;
  }

  /** `a.b.c`, or `.a.b.c` where it may begin at the top. */
  path(what: string, mayBeAbsolute = false): string {
    const dot = mayBeAbsolute && this.accept('.') ? '.' : '';
    let path = dot + this.word(what);
    while (this.accept('.')) path += `.${this.word(what)}`;
    return path;
  }

  /** Strings beside each other are one. */
  string(what: string): string {
    if (this.next.kind !== 'string') this.fail(`${what} must be here, in quotes, not "${this.next.text}"`);
    let text = '';
    while (this.next.kind === 'string') text += this.take().text;
    return text;
  }

  integer(what: string): number {
    const sign = this.accept('-') ? -1 : 1;
    const { kind, text } = this.next;
    const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
    if (kind !== 'number' || !Number.isInteger(value)) this.fail(`${what} must be here, not "${text}"`);
    this.take();
    return sign * value;
  }
}
