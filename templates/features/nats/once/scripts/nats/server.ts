import { mkdtemp, writeFile } from 'node:fs/promises';
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
  /** Gives it another configuration and has it take that up, without an end. */
  configure(configuration: string): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

/**
 * A real NATS server with JetStream on 127.0.0.1, which never outlives this process, even a killed one.
 * @param configuration what is not said on its command line, in the language of its configuration file
 */
export async function startNats(program: string, configuration = ''): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-'));
  const port = await freePort();
  const file = join(folder, 'nats.conf');
  await writeFile(file, configuration);
  const place = ['--store_dir', folder, '--addr', '127.0.0.1', '--port', `${port}`];
  const command = [program, '--config', file, '--jetstream', ...place];
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
    async configure(changed) {
      await writeFile(file, changed);
      process.kill(running.pid, 'SIGHUP');
    },
    stop: () => running.stop(),
  };
}
