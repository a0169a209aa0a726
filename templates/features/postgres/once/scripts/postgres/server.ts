import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../free-port.ts';
import { isAlive, withLock } from '../lock.ts';
import { addressOf, type Cluster, prepareCluster, prepareFolder, startCluster, stopCluster } from './cluster.ts';
import { removeAbandoned } from './own-server.ts';

/** A real PostgreSQL for development and tests. */
export interface PostgresServer {
  /** Connection string of a database on this server; the database need not exist yet. */
  url(database: string): string;
  /** Stops the server, unless somebody else uses it. */
  release(): Promise<void>;
}

/**
 * Starts PostgreSQL, or joins the one that runs already: one server a user and machine, whatever number of services,
 * dev processes and test runs. It listens on 127.0.0.1 only, with a random password. A server whose starter was killed
 * keeps running and is joined by the next caller.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await prepareFolder();
  const lock = join(folder, 'lock');
  const users = join(folder, 'users');
  await mkdir(users, { recursive: true });

  const { cluster, url } = await withLock(lock, async () => {
    await removeAbandoned(folder);
    const cluster = await prepareCluster(folder);
    await writeFile(join(users, String(process.pid)), '');
    return { cluster, url: (await runningUrl(cluster)) ?? (await start(cluster)) };
  });
  return {
    url: (database) => `${url}/${database}`,
    release: () =>
      withLock(lock, async () => {
        await rm(join(users, String(process.pid)), { force: true });
        if (!(await hasUsers(users)) && !(await hasConnections(url))) await stopCluster(cluster, 'fast');
      }),
  };
}

async function start(cluster: Cluster): Promise<string> {
  const port = await freePort();
  await startCluster(cluster, port);
  return addressOf(cluster, port);
}

/** Address of the server that runs on our data, told by its `postmaster.pid`; undefined where none answers. */
async function runningUrl(cluster: Cluster): Promise<string | undefined> {
  const port = (await readFile(join(cluster.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[3];
  if (!port) return undefined;
  const url = addressOf(cluster, Number(port));
  return query(url, 'select 1').then(
    () => url,
    () => undefined,
  );
}

/** A file a process; those of killed ones go, before a process that is no user gets such a number. */
async function hasUsers(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  const dead = names.filter((name) => !isAlive(Number(name)));
  for (const name of dead) await rm(join(folder, name), { force: true });
  return dead.length < names.length;
}

async function hasConnections(url: string): Promise<boolean> {
  const others = "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
  return (await query(url, others).catch(() => [])).length > 0;
}

async function query(server: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: `${server}/postgres`, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
