import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { isAlive } from '../lock.ts';
import { addressOf, prepareCluster, prepareFolder, startCluster, stopCluster } from './cluster.ts';

/** A server that belongs to a single test, which may break it. */
export interface OwnPostgresServer {
  /** Where its data lies. */
  folder: string;
  url(database: string): string;
  /** Stops it at once, as a crash would. */
  crash(): Promise<void>;
  /** Starts it again, at the same address. */
  restart(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** `prepare` may put data and password of another server into the folder first; otherwise the server is new. */
export async function startOwnPostgres(
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<OwnPostgresServer> {
  const shared = await prepareFolder();
  const folder = join(shared, `own-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  await prepare(folder);
  const cluster = await prepareCluster(folder, shared);
  const port = await freePort();
  await startCluster(cluster, port);
  return {
    folder,
    url: (database) => `${addressOf(cluster, port)}/${database}`,
    crash: () => stopCluster(cluster, 'immediate'),
    restart: () => startCluster(cluster, port),
    async remove() {
      await stopCluster(cluster, 'immediate').catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Stops and deletes what tests left behind that were killed. */
export async function removeAbandoned(shared: string): Promise<void> {
  const folders = (await readdir(shared)).filter((name) => name.startsWith('own-'));
  for (const name of folders.filter((own) => !isAlive(Number(own.split('-')[1])))) {
    const folder = join(shared, name);
    const isMade = existsSync(join(folder, 'data', 'complete'));
    if (isMade) await stopCluster(await prepareCluster(folder, shared), 'immediate').catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}
