import type { CheckRun } from '../contract.ts';

// What JSON leaves as it is and a terminal obeys: DEL and C1, the marks that reorder text and those that hide it.
const unsafe = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const write = (value: unknown): string =>
  JSON.stringify(value).replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * One document with one newline at its end, a line a result, so that it can be read, searched and compared by line; every
 * control character is an escape, so it is safe to print. In pieces: of a large cluster the whole is many megabytes.
 */
export function* renderJson(run: CheckRun): Generator<string> {
  let before = '{\n';
  for (const [name, value] of Object.entries(run)) {
    if (!Array.isArray(value)) yield `${before}  ${write(name)}: ${write(value)}`;
    else yield* renderList(`${before}  ${write(name)}: `, value);
    before = ',\n';
  }
  yield '\n}\n';
}

function* renderList(head: string, list: readonly unknown[]): Generator<string> {
  if (list.length === 0) yield `${head}[]`;
  for (const [index, item] of list.entries()) yield `${index === 0 ? `${head}[` : ','}\n    ${write(item)}`;
  if (list.length > 0) yield '\n  ]';
}
