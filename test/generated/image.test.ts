import { spawn } from 'node:child_process';
import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { completeLock } from './support/complete-lock.ts';
import { type ImageTree, runDockerfile } from './support/dockerfile.ts';
import { makeService } from './support/make-service.ts';
import { serviceEnvironment } from './support/service-environment.ts';
import { run, temporaryFolder } from './support/service-project.ts';

const { path } = inject('generated');

/** The tree that the Dockerfile of a new service makes. */
async function imageOf(...commands: string[]): Promise<ImageTree> {
  const folder = await temporaryFolder();
  // Another user must be able to enter it.
  await chmod(folder, 0o755);
  const env = serviceEnvironment(path);
  const cwd = await makeService({ name: 'order-service', preset: 'rest', commands }, folder);
  await run('npm install --package-lock-only --no-audit --no-fund', { cwd, env });
  await completeLock(join(cwd, 'package-lock.json'));
  return runDockerfile(cwd, join(folder, 'image'), env);
}

describe('the image, its steps run in folders', () => {
  test('holds only what runs, and starts and stops as a stranger on a tree that nobody may write', async () => {
    const image = await imageOf();
    const app = join(image.root, image.workdir);
    expect((await readdir(app)).sort()).toEqual(['dist', 'node_modules', 'package.json']);
    expect(await packagesIn(join(app, 'node_modules'))).toEqual([]);
    expect(image.user).toBe(1000);
    await makeReadOnly(image.root);

    const lines: string[] = [];
    const service = spawn(image.command[0] ?? '', image.command.slice(1), {
      cwd: app,
      env: { ...image.env, PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', SHUTDOWN_DELAY_MS: '0' },
      // Only root may become somebody else; elsewhere the person who runs the tests is no root either.
      ...(process.getuid?.() === 0 && { uid: image.user, gid: image.user }),
    });
    onTestFinished(() => void service.kill('SIGKILL'));
    const exited = new Promise((resolve) => service.once('exit', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [service.stdout, service.stderr])
        createInterface(stream).on('line', (line) => {
          lines.push(line);
          const found = /listening at (http:\/\/127[^"]+)/.exec(line)?.[1];
          if (found) resolve(found);
        });
      service.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${lines.join('\n')}`)));
    });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
    service.kill('SIGTERM');
    expect(await exited).toBe(0);
  });

  test('what cannot be bundled is there with all that it needs, and nothing else', async () => {
    const image = await imageOf('msvc add-saga checkout --steps reserve-stock,charge-payment');
    const app = join(image.root, image.workdir);
    const packages = await packagesIn(join(app, 'node_modules'));
    expect(packages).toContain('@dbos-inc/dbos-sdk');
    for (const name of ['fastify', 'esbuild', 'typescript', 'tsx', '@biomejs/biome'])
      expect(packages).not.toContain(name);
    const env = { PATH: process.env.PATH };
    await run(`${process.execPath} -e import('@dbos-inc/dbos-sdk')`, { cwd: app, env });
  });
});

/** Names of the packages in a node_modules; npm leaves empty scope folders behind. */
async function packagesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const nested = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(folder, name))).map((own) => `${name}/${own}`) : [name],
  );
  return (await Promise.all(nested)).flat();
}

async function makeReadOnly(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) {
    for (const name of await readdir(path)) await makeReadOnly(join(path, name));
    // Its owner must be able to remove it afterwards, so only others lose the right where a test runs as root.
    await chmod(path, process.getuid?.() === 0 ? 0o555 : 0o755);
    return;
  }
  await chmod(path, 0o444);
}
