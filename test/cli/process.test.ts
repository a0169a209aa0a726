import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useBuiltPackage } from './support/built-package.ts';
import { hasTerminal, keys, Terminal } from './support/terminal.ts';

const built = useBuiltPackage();

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'msvc-process-')));
  return () => rm(cwd, { recursive: true, force: true });
});

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({
  PATH: built.path,
  HOME: cwd,
  GIT_CONFIG_NOSYSTEM: '1',
  ...extra,
});

async function run(line: string, extra: Record<string, string> = {}) {
  const child = spawn('sh', ['-c', line], { cwd, env: environment(extra), stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
    });
  const [exitCode] = await once(child, 'close');
  return { exitCode, ...text };
}

/** A package registry on this machine, for the real npm; what it answers is the test's. */
async function registry(
  answer: Parameters<typeof createServer>[1],
): Promise<{ server: Server; env: Record<string, string> }> {
  const server = createServer(answer as never).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, env: { npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_fetch_retries: '0' } };
}

describe.skipIf(process.platform === 'win32')('the process', () => {
  test('a reader that leaves early is no error', async () => {
    const { exitCode, stdout, stderr } = await run(
      '{ msvc new order-service --diff; echo "exit $?" >&2; } | head -c 20',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toHaveLength(20);
    expect(stderr).toBe('exit 0\n');
  });

  test('a failed install keeps the service, says how to go on and exits 3', async () => {
    const { env } = await registry((_request, response) => response.writeHead(404).end('{}'));
    const { exitCode, stdout, stderr } = await run('create-microservice order-service --no-git', env);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error INSTALL_FAILED');
    expect(stderr).toContain('fix: cd order-service && npm install');
    expect(stdout).toContain('  npm install\n');
    expect(existsSync(join(cwd, 'order-service/package.json'))).toBe(true);
  });

  test('--json: one document on stdout, whatever else is said', async () => {
    const { env } = await registry((_request, response) => response.writeHead(404).end('{}'));
    const { exitCode, stdout } = await run('create-microservice order-service --no-git --json', env);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ next: ['cd order-service', 'npm install', 'npm run dev', 'npm test'] });
  });

  // Root may read what nobody may: these lines run without that right.
  const noRights = '-dac_override,-dac_read_search';
  const withoutRights = process.getuid?.() === 0 ? `setpriv --bounding-set ${noRights} --inh-caps ${noRights} ` : '';

  test.each([
    ['EACCES', 'chmod 0 order-service/.msvc/base', withoutRights],
    ['EISDIR', 'rm order-service/.msvc/service.json && mkdir order-service/.msvc/service.json', ''],
    ['ELOOP', 'rm order-service/package.json && ln -s package.json order-service/package.json', ''],
    ['ENOTDIR', 'rm -r order-service/src && touch order-service/src', ''],
  ])('%s is no bug: three lines, and no exit 70', async (_code, prepare, prefix) => {
    await run('create-microservice order-service --yes --no-git --no-install');
    expect((await run(prepare)).exitCode).toBe(0);
    const { exitCode, stderr } = await run(`cd order-service && ${prefix}msvc add-client payments --yes --no-install`);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error [A-Z_]+: .+\n {2}why: .+\n {2}fix: .+\n$/);
  });

  test('a folder that is gone is no bug', async () => {
    const { exitCode, stderr } = await run('mkdir gone && cd gone && rmdir ../gone && msvc list');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error FOLDER_GONE');
  });

  test.skipIf(!hasTerminal)('Ctrl-C during the install ends it too, and keeps the service whole', async () => {
    let asked: () => void;
    const firstRequest = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { server, env } = await registry(() => asked());
    const terminal = new Terminal('create-microservice order-service --no-git', { cwd, env: environment(env) });
    onTestFinished(() => terminal.kill());
    await firstRequest;
    terminal.press(keys.ctrlC);
    expect(await terminal.exit).toBe(130);
    expect(terminal.text).toContain('Go on: cd order-service && npm install');
    expect(existsSync(join(cwd, 'order-service/.msvc/service.json'))).toBe(true);
    // npm has ended as well: it no longer holds a connection.
    await new Promise<void>((resolve) => {
      const look = (): void => {
        server.getConnections((_error, count) => (count === 0 ? resolve() : setImmediate(look)));
      };
      look();
    });
  });

  test('the second Ctrl-C leaves at once, however long cleaning up takes', async () => {
    const module = new URL('../../src/cli/ports/interrupt.ts', import.meta.url).href;
    const script = `import { interruptSignal } from '${module}';
      interruptSignal((text) => process.stderr.write(text)).addEventListener('abort', () => console.log('cleaning up'));
      setInterval(() => {}, 1000); console.log('working');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await until(child.stdout, 'working');
    child.kill('SIGINT');
    await until(child.stdout, 'cleaning up');
    await until(child.stderr, 'Press Ctrl-C again');
    child.kill('SIGINT');
    expect((await once(child, 'close'))[0]).toBe(130);
  });
});

async function until(stream: Readable, wanted: string): Promise<void> {
  let text = '';
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    text += part;
    if (text.includes(wanted)) return;
  }
  throw new Error(`"${wanted}" never came: ${text}`);
}
