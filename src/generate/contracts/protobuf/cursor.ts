import { ProtoError } from './proto-error.ts';
import type { Token } from './tokens.ts';

/** Reads tokens one after the other; what is not as expected is an error at its place. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
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
