import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { withLock } from '../lock.ts';

/** Where the one server is: the same for every service, so that they find it. */
const place = {
  folder: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dev-nats'),
  port: 14222,
  monitorPort: 18222,
};
type Place = typeof place;
const name = 'dev-nats';

export interface SharedNats {
  url: string;
  pid: number;
  /** Stops the server, unless somebody else is connected. */
  release(): Promise<void>;
}

/**
 * One server for all services that a developer runs at once, so that they hear each other; its streams stay between runs.
 * It is started by the first and stopped by the last. Where the last was killed it runs on, and the next one joins it.
 */
export async function joinNats(program: string, at: Place = place): Promise<SharedNats> {
  await mkdir(at.folder, { recursive: true });
  const lock = join(at.folder, 'lock');
  return withLock(lock, async () => {
    if (!(await status(at))) await start(program, at);
    const pid = Number(await readFile(pidFile(at), 'utf8'));
    return { url: `nats://127.0.0.1:${at.port}`, pid, release: () => withLock(lock, () => stopUnused(at, pid)) };
  });
}

async function start(program: string, at: Place): Promise<void> {
  const { folder, port, monitorPort } = at;
  const network = ['--addr', '127.0.0.1', '--port', `${port}`, '--http_port', `${monitorPort}`, '--name', name];
  const files = ['--store_dir', join(folder, 'data'), '--pid', pidFile(at)];
  const server = spawn(program, ['--jetstream', ...network, ...files], { stdio: 'ignore', detached: true });
  server.unref();
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await status(at)) return;
    await wait(100);
  }
  throw new Error(`nats-server does not run: is something else on port ${port} or ${monitorPort}? Or set NATS_URL.`);
}

async function stopUnused(at: Place, pid: number): Promise<void> {
  const server = await status(at);
  if (!server || server.connections > 0) return;
  process.kill(pid, 'SIGTERM');
  while (await status(at)) await wait(50);
}

const pidFile = ({ folder }: Place): string => join(folder, 'pid');

/** Of the server that we share; undefined where it does not run. */
async function status({ monitorPort }: Place): Promise<{ connections: number } | undefined> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const response = await fetch(`http://127.0.0.1:${monitorPort}/varz`, { signal });
    const server = (await response.json()) as { server_name: string; connections: number };
    const health = await fetch(`http://127.0.0.1:${monitorPort}/healthz`, { signal });
    return server.server_name === name && health.ok ? server : undefined;
  } catch {
    return undefined;
  }
}
