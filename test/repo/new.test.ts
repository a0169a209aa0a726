import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTemplates } from '../../src/generate/files/read-templates.ts';
import { writeStub } from '../../src/repo/new.ts';
import { root } from './support/imports.ts';

let copy: string;

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'msvc-new-')));
  const parts = ['src', 'test', 'templates', 'package.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts'];
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

const run = (tool: string, ...args: string[]): string => {
  try {
    return execFileSync(join(copy, 'node_modules/.bin', tool), args, { cwd: copy, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${tool} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }
};

test('what `npm run new` writes passes format, lint, types and its own fixtures', async () => {
  const written = ['command', 'format', 'check', 'feature'].flatMap((kind) => writeStub(kind, 'brand-new', copy));

  run('biome', 'check', ...written.filter((path) => path.startsWith('src/')));
  run('tsc', '--noEmit');
  expect(run('vitest', 'run', '--project', 'fast', 'test/check/fixtures.test.ts', '-t', 'brand-new')).toMatch(/passed/);
  expect(run('tsx', 'src/repo/msvc.ts', '--help')).toContain('brand-new');
  const { features } = await readTemplates(join(copy, 'templates'));
  expect(features.map(({ manifest }) => manifest.id)).toContain('brand-new');
});

test('nothing is overwritten, and a name that is no name is refused', () => {
  expect(() => writeStub('check', 'health-checks', copy)).toThrow(/already there/);
  expect(() => writeStub('check', 'Health', copy)).toThrow(/kebab/);
  expect(() => writeStub('constructor', 'x', copy)).toThrow(/no kind/);
});
