import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startKept } from '../kept-program.ts';

export interface RedisServer {
  url: string;
  /** Process id of redis-server, for tests that kill or freeze it. */
  pid: number;
  stop(): Promise<void>;
}

/** Whether `redis-server` is on PATH. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** A real Redis on 127.0.0.1 that keeps nothing on disk and never outlives this process, even a killed one. */
export async function startRedis({ port }: { port?: number } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const chosen = port ?? (await freePort());
  const network = ['--port', `${chosen}`, '--bind', '127.0.0.1'];
  const disk = ['--dir', folder, '--save', '', '--appendonly', 'no'];
  const { pid, stop } = await startKept(['redis-server', ...network, ...disk], folder, /Ready to accept connections/);
  return { url: `redis://127.0.0.1:${chosen}`, pid, stop };
}
