import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Where the servers of a system are. */
export interface Servers {
  /** Connection strings, by service. */
  databases: Readonly<Record<string, string>>;
  nats: string;
  redis: string;
  issuer: string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL, NATS, Redis and an OpenID provider, as the services of the system bring them for development. */
export async function startServers(folder: string): Promise<Servers> {
  const child = fork(join(import.meta.dirname, 'servers.ts'), [folder], {
    // Where the keeper of each server is found, and the packages.
    cwd: join(folder, 'gateway'),
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(child, 'exit');
  const [told] = await Promise.race([once(child, 'message'), exited.then(() => [])]);
  if (told === undefined || typeof told !== 'object') throw new Error(`The servers did not start:\n${said}`);
  return {
    ...(told as Omit<Servers, 'stop'>),
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
