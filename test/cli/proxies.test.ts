import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type BuiltPackage, buildPackage } from './support/build-package.ts';

const exec = promisify(execFile);

/** Takes connections and ends each after its first bytes, which it keeps. */
async function listener(): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      heard.push(bytes.toString('latin1'));
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}

describe.skipIf(process.platform === 'win32')('the package as built', () => {
  let built: BuiltPackage & { remove(): Promise<void> };
  let folder: string;

  beforeAll(async () => {
    built = await buildPackage();
    folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-proxies-')));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await built.remove();
  });

  test.each([
    ['socks5', '\x05'],
    ['http', 'CONNECT 127.0.0.1:9'],
  ])('reaches the cluster through the %s proxy that its kubeconfig names', async (scheme, greeting) => {
    const { port, heard } = await listener();
    const kubeconfig = join(folder, `${scheme}.yaml`);
    await writeFile(
      kubeconfig,
      JSON.stringify({
        'current-context': 'far',
        clusters: [
          {
            name: 'far',
            cluster: { server: 'https://127.0.0.1:9', 'proxy-url': `${scheme}://127.0.0.1:${port}` },
          },
        ],
        users: [{ name: 'somebody', user: { token: 'x' } }],
        contexts: [{ name: 'far', context: { cluster: 'far', user: 'somebody' } }],
      }),
    );
    const env = { PATH: built.path, HOME: folder };
    await expect(exec('msvc', ['check-cluster', '--kubeconfig', kubeconfig], { env })).rejects.toMatchObject({
      code: 4,
    });
    expect(heard[0]?.startsWith(greeting), heard[0]).toBe(true);
  });
});
