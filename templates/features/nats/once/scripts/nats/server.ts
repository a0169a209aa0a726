import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startKept } from '../kept-program.ts';

export interface NatsServer {
  url: string;
  /** Process id of nats-server, for tests that freeze it. */
  readonly pid: number;
  /** Where its streams lie. */
  folder: string;
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
  const command = [program, '--jetstream', '--store_dir', folder, '--addr', '127.0.0.1', '--port', `${port}`];
  const start = () => startKept(command, folder, /Server is ready/);
  let running = await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    folder,
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
    stop: () => running.stop(),
  };
}
