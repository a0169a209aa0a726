import type { CheckRun } from '../contract.ts';

// What JSON leaves as it is and a terminal obeys: DEL and C1, the marks that reorder text and those that hide it.
const unsafe = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One document with one newline at its end; every control character is an escape, so it is safe to print. */
export const renderJson = (run: CheckRun): string =>
  `${JSON.stringify(run, undefined, 2).replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
