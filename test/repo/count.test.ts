import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/count.mjs', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msvc-count-'));
  return () => rm(folder, { recursive: true, force: true });
});

type Status = 'passed' | 'failed' | 'pending' | 'todo';

const file = (name: string, statuses: Status[], status = statuses.includes('failed') ? 'failed' : 'passed') => ({
  name,
  status,
  message: status === 'failed' && statuses.length === 0 ? 'cannot be loaded' : '',
  assertionResults: statuses.map((one, index) => ({
    status: one,
    fullName: `${name} ${index}`,
    failureMessages: one === 'failed' ? [`${name} ${index} is not what it should be`] : [],
  })),
});

/** What CI would say of a test run with these files. `path` decides whether it finds Go. */
async function count(
  files: readonly object[] | undefined,
  { tests = '0', checks = '0', path = '' } = {},
): Promise<{ exitCode: number; last: string; reasons: string }> {
  const result = join(folder, 'result.json');
  await writeFile(result, files === undefined ? '' : JSON.stringify({ testResults: files }));
  const env = { PATH: path };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, result, tests, checks], { env }, (error, stdout, stderr) => {
      resolve({
        exitCode: error ? Number(error.code) : 0,
        last: stdout.trimEnd().split('\n').at(-1) ?? '',
        reasons: stderr,
      });
    });
  });
}

describe('what CI counts', () => {
  test('all passed', async () => {
    expect(await count([file('a', ['passed', 'passed']), file('b', ['passed'])])).toEqual({
      exitCode: 0,
      last: '3 passed, 0 failed',
      reasons: '',
    });
  });

  test('one failed', async () => {
    expect(await count([file('a', ['passed', 'failed'])], { tests: '1' })).toMatchObject({
      exitCode: 1,
      last: '1 passed, 1 failed',
      reasons: expect.stringContaining('a 1 is not what it should be'),
    });
  });

  test('a file that cannot be loaded has failed', async () => {
    const { exitCode, last, reasons } = await count([file('a', ['passed']), file('b', [], 'failed')], { tests: '1' });
    expect([exitCode, last]).toEqual([1, '1 passed, 1 failed']);
    expect(reasons).toContain('not loaded: b\ncannot be loaded');
  });

  test.each([
    ['none ran', []],
    ['the run did not get so far', undefined],
  ])('no test: %s', async (_, files) => {
    const { exitCode, last, reasons } = await count(files);
    expect([exitCode, last]).toEqual([1, '0 passed, 0 failed']);
    expect(reasons).toContain('no test ran');
  });

  test('a run that ended badly although no test failed', async () => {
    expect(await count([file('a', ['passed'])], { tests: '1' })).toMatchObject({
      exitCode: 1,
      last: '1 passed, 0 failed',
    });
  });

  test('a check that failed', async () => {
    expect(await count([file('a', ['passed'])], { checks: '1' })).toMatchObject({
      exitCode: 1,
      last: '1 passed, 0 failed',
    });
  });

  test('what this machine can run must not be skipped', async () => {
    const { exitCode, last, reasons } = await count([file('a.test.ts', ['passed', 'pending'])]);
    expect([exitCode, last]).toEqual([1, '1 passed, 0 failed, 1 skipped']);
    expect(reasons).toContain('skipped although this machine can run it: a.test.ts 1');
  });

  test('without Go nobody can build the control plane', async () => {
    const files = [file('a.test.ts', ['passed']), file('b.cluster.test.ts', ['pending', 'pending'])];
    expect(await count(files)).toEqual({ exitCode: 0, last: '1 passed, 0 failed, 2 skipped', reasons: '' });
  });

  test('without a shell nobody can press its Tab key', async () => {
    const named = (fullName: string) => ({
      ...file('a.test.ts', []),
      assertionResults: [{ status: 'pending', fullName }],
    });
    const skipped = [named('zsh, where there is one completes'), file('b.test.ts', ['passed'])];
    expect(await count(skipped)).toEqual({ exitCode: 0, last: '1 passed, 0 failed, 1 skipped', reasons: '' });
    expect(await count([...skipped, named('bash, where there is one completes')])).toMatchObject({ exitCode: 1 });
    expect(await count(skipped, { path: process.env.PATH })).toMatchObject({
      exitCode: spawnSync('zsh', ['-c', 'exit']).status === 0 ? 1 : 0,
    });
  });
});
