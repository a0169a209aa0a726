import { spawnSync } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { runDockerfile } from './support/dockerfile.ts';
import { makeReadOnly } from './support/read-only.ts';
import { serviceEnvironment } from './support/service-environment.ts';
import { temporaryFolder } from './support/service-project.ts';

const root = join(import.meta.dirname, '..', '..');

test('the image of the tool, its steps run in folders, judges the example as a stranger on a tree that nobody may write', async () => {
  const folder = await temporaryFolder();
  // Another user must be able to enter it.
  await chmod(folder, 0o755);
  const { path } = inject('generated');
  const image = await runDockerfile(root, join(folder, 'image'), serviceEnvironment(path), '.github/image/Dockerfile');
  expect(image.user).toBe(1000);
  expect(image.command).toEqual(['msvc', '--help']);
  const modules = join(image.root, 'usr/local/lib/node_modules');
  expect(await readdir(modules)).toEqual(['create-microservice']);
  expect((await readdir(join(modules, 'create-microservice'))).sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'package.json',
  ]);
  await makeReadOnly(image.root);

  const run = (...args: string[]) =>
    spawnSync(join(image.root, 'usr/local/bin/msvc'), args, {
      cwd: join(image.root, image.workdir),
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
      // Only root may become somebody else; elsewhere the person who runs the tests is no root either.
      ...(process.getuid?.() === 0 && { uid: image.user, gid: image.user }),
    });
  expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
  expect(run('check-cluster', '--demo', '--fail-on', 'never')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('score'),
  });
});
