import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { buildPackage } from './support/build-package.ts';

const exec = promisify(execFile);

/** A new service of a package as built, and how it is said to be asked for more. */
async function serviceOf(published: boolean) {
  const built = await buildPackage({ published });
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-pinned-')));
  onTestFinished(async () => {
    await built.remove();
    await rm(folder, { recursive: true, force: true });
  });
  const env = { PATH: built.path, HOME: folder };
  await exec('create-microservice', ['order-service', '--yes', '--no-install', '--no-git'], { cwd: folder, env });
  const cwd = join(folder, 'order-service');
  const read = (path: string) => readFile(join(cwd, path), 'utf8');
  const { devDependencies, scripts } = JSON.parse(await read('package.json'));
  return { folder, cwd, env, packageDir: built.packageDir, devDependencies, scripts, readme: await read('README.md') };
}

describe.skipIf(process.platform === 'win32')('the tool that a service uses', () => {
  test('is the version that made it, where a registry has that', async () => {
    const { devDependencies } = await serviceOf(true);
    expect(devDependencies).toHaveProperty('create-microservice', packageJson.version);
    expect(Object.keys(devDependencies)).toEqual(Object.keys(devDependencies).sort());
  });

  test('of a clone is no dependency, which no install would find, and the README says where it comes from', async () => {
    const { devDependencies, readme } = await serviceOf(false);
    expect(devDependencies).not.toHaveProperty('create-microservice');
    expect(readme).toContain('npm link');
  });

  test('is run by a script that fetches nothing: what is installed, else what is on the PATH, else an error', async () => {
    const { folder, cwd, env, scripts } = await serviceOf(false);
    expect(scripts.msvc).toBe('msvc');
    const run = (path: string) =>
      exec('npm', ['run', '--silent', 'msvc', '--', 'update', '--check'], {
        cwd,
        // A registry that is not there: whoever asks it fails.
        env: { ...env, PATH: path, npm_config_registry: 'http://127.0.0.1:9/' },
      });
    await expect(run(env.PATH)).resolves.toMatchObject({ stdout: expect.stringContaining('Nothing to do') });

    const withoutOurs = env.PATH.split(delimiter).slice(1).join(delimiter);
    await expect(run(withoutOurs)).rejects.toMatchObject({ code: 127 });

    const bins = join(cwd, 'node_modules/.bin');
    await mkdir(bins, { recursive: true });
    await writeFile(join(bins, 'msvc'), `#!/bin/sh\ntouch "${join(folder, 'installed-one')}"\n`);
    await chmod(join(bins, 'msvc'), 0o755);
    await run(env.PATH);
    await access(join(folder, 'installed-one'));
  });

  test('is named in its errors and its help as it was called, also while no script can run', async () => {
    const { cwd, env, packageDir } = await serviceOf(true);
    const bins = join(cwd, 'node_modules/.bin');
    await mkdir(bins, { recursive: true });
    await symlink(join(packageDir, 'bin/msvc.js'), join(bins, 'msvc'));
    // A person has no more on the PATH than node and npm.
    const PATH = env.PATH.split(delimiter).slice(1).join(delimiter);
    const run = (line: string, at = cwd) =>
      exec('sh', ['-c', line], { cwd: at, env: { ...env, PATH } }).then(
        ({ stdout }) => stdout,
        ({ stderr }) => stderr as string,
      );
    const named = 'Name one: npm run msvc -- add-feature redis. What each is: npm run msvc -- list';
    expect(await run('npm run --silent msvc -- add-feature')).toContain(named);
    expect(await run('npm run --silent msvc -- add-feature --help')).toMatch(/^Usage: npm run msvc -- add-feature /);
    const own = await run('../node_modules/.bin/msvc add-feature', join(cwd, 'src'));
    expect(own).toContain('Name one: ../node_modules/.bin/msvc add-feature redis.');
    expect(own).toContain('What each is: ../node_modules/.bin/msvc list');
    await writeFile(join(cwd, 'package.json'), '<<<<<<< HEAD\n');
    expect(await run('npm run msvc -- resolve')).toContain('EJSONPARSE');
    expect(await run('node_modules/.bin/msvc resolve')).toContain('error NOT_MERGING');
  });
});

test('the build that npm publish makes is the one that may be depended on', async () => {
  const { scripts } = packageJson;
  // npm says which command it runs to the scripts that it runs itself, and to no script of theirs.
  expect(scripts.prepack).toBe('tsx src/repo/build.ts');
  expect(scripts.postpublish).toBe('npm run build');
});
