import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, root } from './support/imports.ts';

const sources = filesBelow('src')
  .filter((path) => path.endsWith('.ts') && !path.startsWith('src/repo/'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** Every docstring, with the line that it stands before. */
const docstrings = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/^ *\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(.*)/gm)].map(([, said = '', next = '']) => ({
    path,
    said,
    next: next.trim(),
  })),
);
const told = new Set(docstrings.map(({ path, next }) => `${path}: ${next}`));

test('exported interfaces of the check say what they are', () => {
  const silent = sources
    .filter(({ path }) => path.startsWith('src/check/'))
    .flatMap(({ path, text }) => [...text.matchAll(/^export interface .*/gm)].map(([line]) => `${path}: ${line}`))
    .filter((line) => !told.has(line));
  expect(silent).toEqual([]);
});

test('what a function throws stands behind @throws', () => {
  const prose = docstrings
    .filter(({ said }) =>
      /\bThrows\b|(^|[.,;:] (or )?)UserError\b/m.test(said.replace(/@throws[\s\S]*/, '').replace(/^ *\* ?/gm, '')),
    )
    .map(({ path, next }) => `${path}: ${next}`);
  expect(prose).toEqual([]);
});

test('an exported function that throws an error of the user says so', () => {
  const silent = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const) [\s\S]*?(?=\n\n\S|$(?![\s\S]))/gm)]
      .filter(([body]) => /throw new UserError\(/.test(body))
      .map(([body]) => ({ line: `${path}: ${body.split('\n')[0]}` }))
      .filter(
        ({ line }) =>
          !docstrings.some(({ path: at, said, next }) => line === `${at}: ${next}` && said.includes('@throws')),
      )
      .map(({ line }) => line),
  );
  expect(silent).toEqual([]);
});
