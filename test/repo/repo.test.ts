import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import { formats } from '../../src/check/report/formats.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { withTables } from '../../src/repo/docs.ts';
import { filesBelow, root } from './support/imports.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const entries = (folder: string) => readdirSync(join(root, folder), { withFileTypes: true });
const folders = (place: string): string[] =>
  entries(place)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const modules = (place: string): string[] =>
  entries(place)
    .filter(({ name }) => name.endsWith('.ts'))
    .map(({ name }) => basename(name, '.ts'));

describe('one name for one thing', () => {
  test('every check is listed, under the name of its file', () => {
    const listed = checks.map(({ id }) => id);
    expect(new Set(listed).size).toBe(listed.length);
    for (const id of listed) expect(read(`src/check/checks/${id}.ts`)).toContain(`id: '${id}'`);
    const defined = modules('src/check/checks').filter((name) =>
      /defineCheck\(\{/.test(read(`src/check/checks/${name}.ts`)),
    );
    expect(listed.toSorted()).toEqual(defined.sort());
  });

  test('every check has fixtures, and every folder of fixtures a check', () => {
    expect(folders('test/check/checks').sort()).toEqual(checks.map(({ id }) => id).sort());
  });

  test('every command is listed, under the name of its folder', () => {
    const listed = new Set(commands.map(({ name }) => name));
    // One folder makes the four commands that add an instance.
    const own = folders('src/cli/commands').filter((name) => name !== 'add-instance');
    expect(own.filter((name) => !listed.has(name))).toEqual([]);
  });

  test('every report format has a file, or a folder with one of its name', () => {
    const files = filesBelow('src/check/report').map((path) => path.replace('src/check/report/', ''));
    for (const name of Object.keys(formats))
      expect(
        files.filter((path) => path === `${name}.ts` || path === `${name}/${name}.ts`),
        name,
      ).toHaveLength(1);
  });

  test('every feature is in a folder of its name', () => {
    for (const id of folders('templates/features')) {
      expect(JSON.parse(read(`templates/features/${id}/feature.json`)).id).toBe(id);
    }
  });
});

test('the tables of the README are what the code says', () => {
  expect(withTables(read('README.md')), 'run: npm run docs').toBe(read('README.md'));
});

test('every command shows examples, and they are command lines of that command', () => {
  for (const { name, examples, summary } of commands) {
    expect(examples.length, name).toBeGreaterThan(0);
    for (const [line] of examples) expect(line).toMatch(new RegExp(`^msvc ${name}\\b`));
    expect(summary, name).not.toMatch(/\.$/);
  }
});

test('the lock file names no host', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved":/);
});

test('the README links to nothing that the package on the registry lacks', () => {
  const shipped = [...read('README.md').matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)].map(([, path]) => path ?? '');
  // A registry's page resolves relative links against `repository`: the file must be there, and the address too.
  expect(shipped.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(JSON.parse(read('package.json')).repository.url).toMatch(/^git\+https:/);
});

test('the README is read in one go', () => {
  expect(read('README.md').split('\n').length - 1).toBeLessThanOrEqual(160);
});
