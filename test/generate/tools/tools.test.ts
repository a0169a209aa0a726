import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startRepository } from '../../../src/generate/tools/git.ts';
import { installDependencies } from '../../../src/generate/tools/install.ts';
import { isAlive } from '../../../templates/features/servers/once/scripts/lock.ts';
import { scratchFolder } from '../support/scratch.ts';

const run = promisify(execFile);

/** An environment in which git knows nothing of the person who runs the tests. */
async function anonymous(): Promise<Record<string, string>> {
  const home = await scratchFolder();
  return { PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
}

const named = async (): Promise<Record<string, string>> => ({
  ...(await anonymous()),
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
});

async function project(): Promise<string> {
  const dir = await scratchFolder();
  await writeFile(join(dir, 'a.txt'), 'a');
  return dir;
}

describe('a first repository', () => {
  test('has everything in one commit on main', async () => {
    const [dir, env] = [await project(), await named()];
    expect(await startRepository(dir, { env })).toEqual({ kind: 'committed' });
    const { stdout } = await run('git', ['log', '--format=%an %s', '--name-only', 'main'], { cwd: dir, env });
    expect(stdout).toBe('Ada First commit\n\na.txt\n');
  });

  test('without a name is left for the person to commit', async () => {
    const [dir, env] = [await project(), await anonymous()];
    const outcome = await startRepository(dir, { env });
    expect(outcome).toMatchObject({ kind: 'initialised', next: 'git commit -m "First commit"' });
    const { stdout } = await run('git', ['status', '--porcelain'], { cwd: dir, env });
    expect(stdout).toBe('A  a.txt\n');
  });

  test('is not made inside another work tree, even one that git would not enter', async () => {
    const dir = await scratchFolder();
    await mkdir(join(dir, '.git'));
    await mkdir(join(dir, 'services/orders'), { recursive: true });
    expect((await startRepository(join(dir, 'services/orders'), { env: await named() })).kind).toBe('skipped');
    expect(await readdir(join(dir, 'services/orders'))).toEqual([]);
  });

  test('is not made where git is not installed', async () => {
    const outcome = await startRepository(await project(), { env: { PATH: await scratchFolder() } });
    expect(outcome).toEqual({ kind: 'skipped', reason: 'git is not installed' });
  });

  test('minds neither hooks nor the repository of whoever called', async () => {
    const [dir, other, env] = [await project(), await project(), await named()];
    const hooks = join(env.HOME ?? '', 'hooks');
    await mkdir(hooks);
    await writeFile(join(hooks, 'pre-commit'), '#!/bin/sh\nexit 1\n');
    await chmod(join(hooks, 'pre-commit'), 0o755);
    await run('git', ['config', '--global', 'core.hooksPath', hooks], { env });
    await run('git', ['config', '--global', 'commit.gpgsign', 'true'], { env });
    const calling = { ...env, GIT_DIR: join(other, '.git'), GIT_INDEX_FILE: join(other, 'index') };
    expect(await startRepository(dir, { env: calling })).toEqual({ kind: 'committed' });
    expect(await readdir(other)).toEqual(['a.txt']);
  });
});

/** A folder for PATH with a package manager that does this. */
async function pathWith(name: string, script: string): Promise<string> {
  const bin = await scratchFolder();
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
  return [bin, process.env.PATH].join(delimiter);
}

describe('an install', () => {
  test('by the real npm ends well', async () => {
    const dir = await scratchFolder();
    await mkdir(join(dir, 'dep'));
    await writeFile(join(dir, 'dep/package.json'), '{ "name": "dep", "version": "1.0.0" }');
    await writeFile(join(dir, 'package.json'), '{ "name": "x", "dependencies": { "dep": "file:./dep" } }');
    const lines: string[] = [];
    // `npm run --silent` tells what it starts to be silent too.
    const env = { ...process.env, npm_config_loglevel: 'notice' };
    const outcome = await installDependencies(dir, 'npm', { env, onLine: (line) => lines.push(line) });
    expect(outcome).toMatchObject({ ok: true });
    expect(await readdir(join(dir, 'node_modules'))).toContain('dep');
    expect(lines.join('\n')).toContain('added 1 package');
  });

  test.each(['npm', 'pnpm'] as const)('by %s brings what development needs in a shell of production', async (name) => {
    const dir = await scratchFolder();
    await mkdir(join(dir, 'dep'));
    await writeFile(join(dir, 'dep/package.json'), '{ "name": "dep", "version": "1.0.0" }');
    await writeFile(join(dir, 'package.json'), '{ "name": "x", "devDependencies": { "dep": "file:./dep" } }');
    const outcome = await installDependencies(dir, name, { env: { ...process.env, NODE_ENV: 'production' } });
    if (!outcome.ok && outcome.reason === 'pnpm is not installed') return;
    expect(outcome).toMatchObject({ ok: true });
    expect(await readdir(join(dir, 'node_modules'))).toContain('dep');
  });

  test('that fails tells the command to go on with and the last lines', async () => {
    const PATH = await pathWith(
      'pnpm',
      'i=0; while [ $i -lt 40 ]; do echo "line $i"; i=$((i+1)); done; echo "no room" >&2; exit 7',
    );
    const outcome = await installDependencies(await scratchFolder(), 'pnpm', { env: { PATH } });
    expect(outcome).toMatchObject({ ok: false, command: 'pnpm install', reason: 'pnpm ended with 7' });
    if (outcome.ok) return;
    expect(outcome.tail).toContain('line 39');
    expect(outcome.tail).toContain('no room');
    expect(outcome.tail).not.toContain('line 0\n');
  });

  test('by a package manager that is not there says so', async () => {
    const outcome = await installDependencies(await scratchFolder(), 'pnpm', { env: { PATH: await scratchFolder() } });
    expect(outcome).toMatchObject({ ok: false, reason: 'pnpm is not installed' });
  });

  test('that is aborted ends, and its process with it', async () => {
    const PATH = await pathWith('npm', 'echo "pid $$"; exec sleep 600');
    const abort = new AbortController();
    let pid = 0;
    const onLine = (line: string): void => {
      pid = Number(line.slice('pid '.length));
      abort.abort(new Error('stopped'));
    };
    const installing = installDependencies(await scratchFolder(), 'npm', {
      env: { PATH },
      signal: abort.signal,
      onLine,
    });
    await expect(installing).rejects.toThrow('stopped');
    expect(pid).toBeGreaterThan(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('that Ctrl-C ends is stopped, also where its end is heard of first', async () => {
    const PATH = await pathWith('npm', 'echo "pid $$"; kill -INT $$');
    const abort = new AbortController();
    let turns = 10;
    // Turns of the event loop after the end has been heard of.
    const abortLater = (pid: number): void => {
      if (!isAlive(pid)) turns -= 1;
      if (turns === 0) abort.abort(new Error('stopped'));
      else setImmediate(abortLater, pid);
    };
    const onLine = (line: string): void => abortLater(Number(line.slice('pid '.length)));
    const dir = await scratchFolder();
    const installing = installDependencies(dir, 'npm', { env: { PATH }, signal: abort.signal, onLine });
    await expect(installing).rejects.toThrow('stopped');
  });
});
