import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { completeLock } from './support/complete-lock.ts';
import { type ImageTree, runDockerfile } from './support/dockerfile.ts';
import { makeService } from './support/make-service.ts';
import { makeReadOnly } from './support/read-only.ts';
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

/** The same for a service that is a member of a workspace, beside one whose packages collide with its own. */
async function imageInWorkspace(manager: 'npm' | 'pnpm', ...commands: string[]): Promise<ImageTree> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  const repository = join(folder, 'repository');
  await mkdir(join(repository, 'services/other'), { recursive: true });
  const write = (path: string, content: unknown) =>
    writeFile(join(repository, path), typeof content === 'string' ? content : JSON.stringify(content));
  await mkdir(join(repository, '.git'));
  await write('package.json', { private: true, ...(manager === 'npm' && { workspaces: ['services/*'] }) });
  if (manager === 'pnpm') await write('pnpm-workspace.yaml', 'packages:\n  - services/*\n');
  await write('services/other/package.json', { name: 'other', version: '1.0.0', dependencies: { pino: '9.0.0' } });
  const cwd = await makeService({ name: 'orders', preset: 'nothing', commands }, join(repository, 'services'));

  // What an image installs for all of its machine stays in a folder here; npm looks for its settings beside that.
  const tools = join(folder, 'tools');
  const service = serviceEnvironment(path);
  const settings = (await run('npm config get globalconfig', { cwd: folder, env: service })).trim();
  const env = {
    ...service,
    npm_config_prefix: tools,
    npm_config_globalconfig: settings,
    PATH: `${join(tools, 'bin')}${delimiter}${service.PATH}`,
  };
  if (manager === 'npm') {
    await run('npm install --package-lock-only --no-audit --no-fund', { cwd, env });
    await completeLock(join(repository, 'package-lock.json'));
  } else {
    const { packageManager } = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'));
    await run(`npm install --global --no-audit --no-fund ${packageManager}`, { cwd: folder, env });
    await run('pnpm install --lockfile-only', { cwd, env });
  }
  return runDockerfile(repository, join(folder, 'image'), env, 'services/orders/Dockerfile');
}

describe('the image, its steps run in folders', () => {
  test.each([
    ['alone', () => imageOf()],
    ['in an npm workspace', () => imageInWorkspace('npm')],
    ['in a pnpm workspace', () => imageInWorkspace('pnpm')],
  ])('%s holds only what runs, and starts and stops as a stranger on a tree that nobody may write', async (_, make) => {
    const image = await make();
    const app = join(image.root, image.workdir);
    expect((await readdir(app)).sort()).toEqual(['dist', 'node_modules', 'package.json']);
    expect(await packagesIn(join(app, 'node_modules'))).toEqual([]);
    // Of a workspace, npm leaves the link to the service itself.
    const around = await packagesIn(join(image.root, 'app/node_modules'));
    expect(around.filter((name) => name !== 'orders')).toEqual([]);
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

  const saga = 'msvc add-saga checkout --steps reserve-stock,charge-payment';
  test.each([
    ['alone', () => imageOf(saga)],
    ['in a pnpm workspace', () => imageInWorkspace('pnpm', saga)],
  ])('%s has what cannot be bundled, with all that it needs, and nothing else', async (_, make) => {
    const image = await make();
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
