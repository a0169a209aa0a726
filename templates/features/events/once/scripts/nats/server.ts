import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NatsServer {
  url: string;
  /** Process id of nats-server, for tests that freeze it. */
  readonly pid: number;
  /** Kills it; its streams stay on disk. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, at the same address, with the same streams. */
  restart(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

/** A real NATS server with JetStream on 127.0.0.1, which never outlives this process, even a killed one. */
export async function startNats(program: string): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-'));
  const port = await freePort();
  const args = [folder, program, '--jetstream', '--store_dir', folder, '--addr', '127.0.0.1', '--port', `${port}`];
  const start = async (): Promise<Running> =>
    untilReady(spawn(process.execPath, [keeper, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }));
  let running = await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.gone;
    },
    async restart() {
      running = await start();
    },
    async stop() {
      running.keeper.stdin?.end();
      await running.gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// Where it is, not where a bundle has moved this file.
const keeper = join(process.cwd(), 'scripts', 'nats', 'keeper.mjs');

interface Running {
  keeper: ChildProcess;
  pid: number;
  gone: Promise<unknown>;
}

/** The first line of the keeper is the process id; the server says on its standard error that it is ready. */
function untilReady(child: ChildProcess): Promise<Running> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let pid = 0;
  let log = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    pid ||= Number.parseInt(text, 10);
  });
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (log.length < 20_000) log += text;
      if (/Server is ready/.test(log)) resolve({ keeper: child, pid, gone });
    });
    child.once('exit', () => reject(new Error(`nats-server did not start:\n${log}`)));
  });
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
