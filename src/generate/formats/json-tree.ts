import { leaf, listTree, mapTree, type Tree } from './tree.ts';

/** A stretch of a JSON text: offsets of its first and after its last character. */
export interface Span {
  text: string;
  start: number;
  end: number;
}

export class JsonError extends Error {
  /** Line of the mistake, from 1. */
  readonly line: number;

  constructor(message: string, text: string, offset: number) {
    super(message);
    this.name = 'JsonError';
    this.line = lineAt(text, offset);
  }
}

/** The line, from 1, that an offset lies in. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Deeper documents are nobody's settings, and would end in a stack overflow. */
const deepest = 200;

const token = /[^\s,:[\]{}"]+|"(?:[^"\\]|\\.)*"/y;

/**
 * Strict JSON (RFC 8259) with the place of every value; JsonError where it is not, or where a key stands twice. Unlike
 * JSON.parse it keeps the order of keys like `10` and gives `__proto__` no meaning.
 */
export function parseJson(text: string): Tree<Span> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;

  const fail = (message: string, offset = at): never => {
    throw new JsonError(message, text, offset);
  };
  const skipSpace = (): void => {
    while (' \t\n\r'.includes(text.charAt(at)) && at < text.length) at += 1;
  };
  const expect = (character: string): void => {
    skipSpace();
    if (text[at] !== character)
      fail(`expected ${character}${at < text.length ? ` before ${text[at]}` : ' before the end'}`);
    at += 1;
  };
  const scalar = (): string => {
    token.lastIndex = at;
    const raw = token.exec(text)?.[0];
    if (raw === undefined)
      return fail(at < text.length ? `${text[at]} is not expected here` : 'the text ends too early');
    try {
      const value: unknown = JSON.parse(raw);
      at += raw.length;
      return typeof value === 'string' ? JSON.stringify(value) : raw;
    } catch {
      return fail(`${raw.slice(0, 20)} is no JSON value`);
    }
  };
  const members = (closing: string, member: () => void): void => {
    at += 1;
    skipSpace();
    if (text[at] !== closing) {
      for (;;) {
        member();
        skipSpace();
        if (text[at] !== ',') break;
        at += 1;
      }
    }
    expect(closing);
  };
  const value = (depth: number): Tree<Span> => {
    skipSpace();
    const start = at;
    const span = (): Span => ({ text, start, end: at });
    if (depth > deepest) fail(`nested deeper than ${deepest}`);
    if (text[at] === '{') {
      const entries = new Map<string, Tree<Span>>();
      members('}', () => {
        skipSpace();
        const keyStart = at;
        if (text[at] !== '"') fail('expected a key in double quotes');
        const key = scalar();
        if (entries.has(key)) fail(`${key} is there twice`, keyStart);
        expect(':');
        entries.set(key, value(depth + 1));
      });
      return mapTree(entries, span());
    }
    if (text[at] === '[') {
      const items: Tree<Span>[] = [];
      members(']', () => items.push(value(depth + 1)));
      return listTree(items, span());
    }
    const found = scalar();
    return leaf(found, span());
  };

  const document = value(0);
  skipSpace();
  if (at < text.length) fail('nothing may follow the document');
  return document;
}
