import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const port = 14222;
const monitorPort = 18222;
const name = 'dev-nats';
const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dev-nats');
const pidFile = join(folder, 'pid');

/**
 * One server for all services that a developer runs at once, so that they hear each other; its streams stay between runs.
 * It is started by the first and stopped by the last. Where the last was killed it runs on, and the next one joins it.
 */
export async function joinNats(program: string): Promise<{ url: string; release(): Promise<void> }> {
  if (!(await status())) await start(program);
  return { url: `nats://127.0.0.1:${port}`, release };
}

async function start(program: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const network = ['--addr', '127.0.0.1', '--port', `${port}`, '--http_port', `${monitorPort}`, '--name', name];
  const files = ['--store_dir', join(folder, 'data'), '--pid', pidFile];
  const server = spawn(program, ['--jetstream', ...network, ...files], { stdio: 'ignore', detached: true });
  server.unref();
  // Where another run was quicker, ours ends at once and theirs answers.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await status()) return;
    await wait(100);
  }
  throw new Error(`nats-server does not run: is something else on port ${port} or ${monitorPort}? Or set NATS_URL.`);
}

async function release(): Promise<void> {
  const server = await status();
  if (!server || server.connections > 0) return;
  process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGTERM');
  while (await status()) await wait(50);
}

/** Of the server that we share; undefined where it does not run. */
async function status(): Promise<{ connections: number } | undefined> {
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
