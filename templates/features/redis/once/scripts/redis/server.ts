import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer {
  url: string;
  /** Process id of redis-server, for tests that kill or freeze it. */
  pid: number;
  stop(): Promise<void>;
}

// From the root of the service, where npm runs every script: bundled tests lie elsewhere than this file.
const keeper = join('scripts', 'redis', 'keeper.mjs');

/** Whether `redis-server` is on PATH. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** A real Redis on 127.0.0.1 that keeps nothing on disk and never outlives this process, even a killed one. */
export async function startRedis({ port }: { port?: number } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const chosen = port ?? (await freePort());
  const args = ['--port', `${chosen}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn(process.execPath, [keeper, folder, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const pid = await untilReady(child);
    return { url: `redis://127.0.0.1:${chosen}`, pid, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The first line of the keeper is the process id; then come Redis's own, until one says that it is ready. */
function untilReady(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/Ready to accept connections/.test(output)) resolve(Number.parseInt(output, 10));
    });
    child.once('exit', () => reject(new Error(`redis-server did not start:\n${output}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
