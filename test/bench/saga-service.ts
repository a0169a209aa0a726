import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';
import { makeService } from './make-service.ts';

export const steps = ['reserve-inventory', 'charge-payment', 'create-order'];

/** A service with one saga, made and built as a user would; returns its folder. */
export function buildSagaService(): string {
  const { folder, msvc, build } = makeService('sagas', '--no-install');
  msvc('add-saga', 'place-order', '--steps', steps.join(','));
  build();
  return folder;
}

export interface Postgres {
  url(database: string): string;
  remove(): Promise<void>;
}

/** A PostgreSQL for this benchmark alone, started by the service's own scripts, with one empty database. */
export async function startPostgres(folder: string): Promise<Postgres> {
  const script = (name: string) => import(pathToFileURL(join(folder, 'scripts/postgres', name)).href);
  const { startOwnPostgres } = (await script('own-server.ts')) as { startOwnPostgres(): Promise<Postgres> };
  const { createDatabase } = (await script('databases.ts')) as {
    createDatabase(url: string, name: string): Promise<void>;
  };
  const server = await startOwnPostgres();
  for (const name of ['ours', 'traced', 'direct']) await createDatabase(server.url('postgres'), name);
  return server;
}

export interface PostgresPair {
  url: string;
  /** The primary ends as in a crash; the standby, which has all that was committed, takes its place and address. */
  failOver(): Promise<void>;
  remove(): Promise<void>;
}

/** A primary and a standby that keep every commit together, by the service's own test support. */
export async function startPostgresPair(folder: string): Promise<PostgresPair> {
  const { startPair } = (await import(pathToFileURL(join(folder, 'test/support/pair.ts')).href)) as {
    startPair(test: { after(work: () => Promise<void>): void }): Promise<Pair>;
  };
  const ends: (() => Promise<void>)[] = [];
  const { url, primary, promote, switchOver, ask } = await startPair({
    after: (work) => void ends.push(work),
  });
  await ask(primary, "alter system set synchronous_standby_names = '*'");
  await ask(primary, 'select pg_reload_conf()');
  const isSynchronous = async () =>
    (await ask(primary, "select 1 from pg_stat_replication where sync_state = 'sync'")).length > 0;
  while (!(await isSynchronous())) await wait(50);
  return {
    url,
    async failOver() {
      await primary.crash();
      await promote();
      switchOver();
    },
    async remove() {
      for (const end of ends.reverse()) await end();
    },
  };
}

interface Pair {
  url: string;
  primary: { crash(): Promise<void> };
  promote(): Promise<void>;
  switchOver(): void;
  ask(server: object, sql: string): Promise<unknown[]>;
}

/** One replica: killed, rolled and frozen at will, always at the same address. */
export interface Replica {
  url: string;
  /** Milliseconds that its last start took. */
  startMs: number;
  kill(): Promise<void>;
  /** Ends as in a rollout, and starts anew. @throws where it does not end with 0 */
  roll(): Promise<void>;
  freeze(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startReplica(folder: string, program: string, env: NodeJS.ProcessEnv): Promise<Replica> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = () =>
    spawn(process.execPath, [program], {
      cwd: folder,
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: String(port),
        NODE_ENV: 'production',
        LOG_LEVEL: 'fatal',
        SHUTDOWN_DELAY_MS: '0',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  let child = start();
  const isUp = async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok ?? false;
  const untilUp = async () => {
    const startedAt = performance.now();
    while (!(await isUp())) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
      await wait(20);
    }
    replica.startMs = performance.now() - startedAt;
  };
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const replica: Replica = {
    url,
    startMs: 0,
    async kill() {
      await end('SIGKILL');
      child = start();
      await untilUp();
    },
    async roll() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await ended;
      if (code !== 0) throw new Error(`${program} ended with ${code} where it was asked to`);
      child = start();
      await untilUp();
    },
    async freeze(ms) {
      child.kill('SIGSTOP');
      await wait(ms);
      child.kill('SIGCONT');
    },
    stop: () => end('SIGKILL'),
  };
  await untilUp();
  return replica;
}
