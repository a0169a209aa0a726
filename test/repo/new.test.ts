import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTemplates } from '../../src/generate/files/read-templates.ts';
import { writeStub } from '../../src/repo/new.ts';
import { root } from './support/imports.ts';

/** A copy of what `npm run new` changes and asks, so that nothing of ours is touched. */
function scratch(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'msvc-new-')));
  for (const part of readdirSync(root).filter((name) => !['.git', 'node_modules', 'dist'].includes(name)))
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  return copy;
}

const runner = (copy: string) => {
  // The result of these runs is not that of ours.
  const { TEST_RESULT: _, ...env } = process.env;
  return (tool: string, ...args: string[]): string => {
    try {
      const options = { cwd: copy, env, encoding: 'utf8', stdio: 'pipe' } as const;
      return execFileSync(join(copy, 'node_modules/.bin', tool), args, options);
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${tool} ${args.join(' ')}\n${stdout}\n${stderr}`);
    }
  };
};

/** Of the tests that concern it the ones that are quick and look at all there is of its kind. */
const quick: Record<string, readonly string[]> = {
  check: ['fixtures', 'reasons', 'finding-ids', 'declared-reads', 'demo', 'report/'].map(
    (name) => `test/check/${name}`,
  ),
  format: ['test/check/report/'],
  command: ['test/cli/command-line', 'test/cli/transcripts'],
  feature: ['test/generate/templates', 'test/cli/command-line', 'test/cli/transcripts'],
};

test.each(Object.entries(quick))(
  'a new %s leaves everything green, with nothing else done',
  async (kind, tests) => {
    const copy = scratch();
    const run = runner(copy);
    // A name that is longer than most, so that lines break elsewhere.
    const id = 'brand-new-thing-with-a-name-of-its-own';
    const written = writeStub(kind, id, copy);

    const ours = written.paths.filter((path) => !path.startsWith('templates/'));
    if (ours.length > 0) run('biome', 'check', ...ours);
    run('tsc', '--noEmit');
    run('knip');
    expect(run('vitest', 'run', '--project', 'fast', ...tests, 'test/repo/repo', 'test/repo/directions')).not.toMatch(
      /obsolete/,
    );
    if (kind === 'command') expect(run('tsx', 'src/repo/msvc.ts', '--help')).toContain(id);
    if (kind === 'feature')
      expect((await readTemplates(join(copy, 'templates'))).features.map(({ manifest }) => manifest.id)).toContain(id);
    for (const path of written.tests) expect(existsSync(join(copy, path)), path).toBe(true);
  },
  600_000,
);

test('nothing is overwritten, and a name that is no name is refused', () => {
  const copy = scratch();
  expect(() => writeStub('check', 'health-checks', copy)).toThrow(/already there/);
  expect(() => writeStub('check', 'Health', copy)).toThrow(/kebab/);
  expect(() => writeStub('constructor', 'x', copy)).toThrow(/no kind/);
});
