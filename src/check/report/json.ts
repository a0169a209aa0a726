import type { CheckRun, NotReported } from '../contract.ts';

// What JSON leaves as it is and a terminal obeys: DEL and C1, the marks that reorder text and those that hide it.
const unsafe = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** JSON in which every such character is an escape: safe to print. */
export const safeJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * One document with one newline at its end, a line a result, so that it can be read, searched and compared by line; every
 * control character is an escape, so it is safe to print. In pieces: of a large cluster the whole is many megabytes.
 */
export function* renderJson(run: CheckRun): Generator<string> {
  yield* renderFields(Object.entries(run), '');
  yield '\n';
}

/** Lists a line an item; what holds lists itself (the graph) likewise, one step further in. */
function* renderFields(fields: readonly [string, unknown][], indent: string): Generator<string> {
  let before = '{';
  for (const [name, value] of fields) {
    yield `${before}\n${indent}  ${safeJson(name)}: `;
    if (Array.isArray(value)) yield* renderList(value, `${indent}  `);
    else if (holdsLists(value)) yield* renderFields(Object.entries(value), `${indent}  `);
    else yield safeJson(value);
    before = ',';
  }
  yield `\n${indent}}`;
}

function* renderList(list: readonly unknown[], indent: string): Generator<string> {
  if (list.length === 0) yield '[]';
  for (const [index, item] of list.entries()) yield `${index === 0 ? '[' : ','}\n${indent}  ${safeJson(item)}`;
  if (list.length > 0) yield `\n${indent}]`;
}

const holdsLists = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.values(value).some((inner) => Array.isArray(inner));

/** Of the environments of a repository, or of several clusters: one document, a report each, and what there is none of. */
export function* renderJsonOfMany(runs: readonly CheckRun[], notReported: readonly NotReported[]): Generator<string> {
  const isRepository = runs.every(({ source }) => source.kind === 'repository');
  const [schema, list] = isRepository ? ['msvc.repository/1', 'environments'] : ['msvc.contexts/1', 'contexts'];
  yield `{\n  "schema": "${schema}",\n  "${list}": [`;
  for (const [index, run] of runs.entries()) {
    yield `${index === 0 ? '' : ','}\n    `;
    yield* renderFields(Object.entries(run), '    ');
  }
  yield '\n  ],\n  "notReported": ';
  yield* renderList(notReported, '  ');
  yield '\n}\n';
}
