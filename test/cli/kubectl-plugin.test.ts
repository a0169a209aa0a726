import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { useBuiltPackage } from './support/built-package.ts';

const exec = promisify(execFile);
const built = useBuiltPackage();
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

let home: string;
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'msvc-plugin-')));
  await writeFile(
    join(home, 'kubeconfig'),
    `apiVersion: v1
kind: Config
current-context: here
clusters: [{ name: it, cluster: { server: "http://127.0.0.1:1" } }]
users: [{ name: me, user: {} }]
contexts:
  - { name: here, context: { cluster: it, user: me } }
  - { name: staging, context: { cluster: it, user: me } }
`,
  );
  return () => rm(home, { recursive: true, force: true });
});

const run = (file: string, ...args: string[]) =>
  exec(file, args, { cwd: home, env: { PATH: built.path, HOME: home, KUBECONFIG: join(home, 'kubeconfig') } });

/** Both ways to it: as kubectl finds it on the PATH, and by its own name. */
describe.each([
  { way: 'by kubectl', skip: !hasKubectl, msvc: (...args: string[]) => run('kubectl', 'msvc', ...args) },
  { way: 'by its name', skip: false, msvc: (...args: string[]) => run('kubectl-msvc', ...args) },
])('kubectl msvc, $way', ({ skip, msvc }) => {
  test.skipIf(skip)('is msvc, and calls itself as it was called', async () => {
    expect((await msvc('--help')).stdout).toMatch(/^Usage: kubectl msvc <command> \[options\]\n/);
    expect((await msvc('check-cluster', '--help')).stdout).toMatch(
      /^Usage: kubectl msvc check-cluster .*\n.*\n {2}kubectl msvc check-cluster --demo\n/s,
    );
  });

  test.skipIf(skip)('says in its errors what can be typed', async () => {
    const refused = await msvc('check-cluster', '--context', 'nowhere').catch((error: unknown) => error);
    expect(refused).toMatchObject({ stderr: expect.stringContaining('fix: Choose one: kubectl msvc check-cluster') });
  });

  test.skipIf(skip)('judges, and ends with the exit code of msvc', async () => {
    const failed = await msvc('check-cluster', '--demo', '-o', 'json').catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('"msvc.check/1"') });
  });

  test.skipIf(skip)('refuses an option that there is not, and names the nearest', async () => {
    const failed = (await msvc('check-cluster', '--contxt', 'x').catch((error: unknown) => error)) as {
      code: number;
      stderr: string;
    };
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain('--context');
  });
});

describe('the Tab key behind kubectl msvc', () => {
  const lines = async (...words: string[]): Promise<string[]> =>
    (await run('kubectl_complete-msvc', ...words)).stdout.trimEnd().split('\n');

  test('knows commands, options, contexts and paths, and says in cobra’s words which', async () => {
    expect(await lines('check-c')).toEqual([expect.stringMatching(/^check-cluster\t.+/), ':4']);
    expect(await lines('check-cluster', '--context', '')).toEqual(['here', 'staging', ':4']);
    expect(await lines('check-cluster', '--from', '')).toEqual([':16']);
    expect(await lines('check-cluster', '--waivers', '')).toEqual([':0']);
  });

  test.skipIf(!hasKubectl)('is asked by kubectl', async () => {
    const { stdout } = await run('kubectl', '__complete', 'msvc', 'check-cluster', '--context', 's');
    expect(stdout.split('\n').slice(0, 2)).toEqual(['staging', ':4']);
  });
});
