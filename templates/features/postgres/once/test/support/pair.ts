import { appendFile, chown, cp, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { createDatabase } from '../../scripts/postgres/databases.ts';
import { type OwnPostgresServer, startOwnPostgres } from '../../scripts/postgres/own-server.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';

export interface Pair {
  /** Address of the database, wherever it is at the moment. */
  url: string;
  primary: OwnPostgresServer;
  standby: OwnPostgresServer;
  /** New connections go to the standby from now on. */
  switchOver(): void;
  /** The primary writes no more, and keeps its connections: what a managed failover or a mistake leaves behind. */
  demote(): Promise<void>;
  promote(): Promise<void>;
  /** Asks one of both, not through the address. */
  ask(server: OwnPostgresServer, sql: string): Promise<pg.QueryResultRow[]>;
}

const database = 'service';

/** A primary and a standby that follows it, both real, behind one address that leads to the primary. */
export async function startPair(t: TestContext): Promise<Pair> {
  const primary = await startOwnPostgres();
  t.after(() => primary.remove());
  await createDatabase(primary.url('postgres'), database);
  const standby = await startOwnPostgres((folder) => copy(primary, folder));
  t.after(() => standby.remove());
  const forwarder: Forwarder = await startForwarder(t, portOf(primary));
  return {
    url: Object.assign(new URL(primary.url(database)), { port: `${forwarder.port}` }).href,
    primary,
    standby,
    switchOver() {
      forwarder.target = portOf(standby);
    },
    async demote() {
      await ask(primary, 'alter system set default_transaction_read_only = on');
      await ask(primary, 'select pg_reload_conf()');
    },
    async promote() {
      await ask(standby, 'select pg_promote()');
    },
    ask,
  };
}

const portOf = (server: OwnPostgresServer): number => Number(new URL(server.url('')).port);

async function ask(server: OwnPostgresServer, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A base backup by hand (PostgreSQL's documentation, "Making a Base Backup Using the Low Level API"). */
async function copy(primary: OwnPostgresServer, folder: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary.url('postgres') });
  await client.connect();
  try {
    await client.query("select pg_backup_start('standby', true)");
    // What each server makes for itself: its lock, and its log.
    const own = ['postmaster.pid', 'server.log'];
    await cp(primary.folder, folder, { recursive: true, filter: (path) => !own.includes(basename(path)) });
    const { rows } = await client.query('select labelfile from pg_backup_stop(false)');
    await writeFile(join(folder, 'data', 'backup_label'), rows[0].labelfile);
  } finally {
    await client.end();
  }
  const { username, password, port } = new URL(primary.url(''));
  const source = `host=127.0.0.1 port=${port} user=${username} password=${password}`;
  await appendFile(join(folder, 'data', 'postgresql.conf'), `primary_conninfo = '${source}'\n`);
  await writeFile(join(folder, 'data', 'standby.signal'), '');
  await giveTo(await stat(join(primary.folder, 'data')), join(folder, 'data'));
}

/** As root, PostgreSQL runs as somebody else, to whom its data must belong. */
async function giveTo({ uid, gid }: { uid: number; gid: number }, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const paths = await readdir(folder, { recursive: true });
  await Promise.all([folder, ...paths.map((path) => join(folder, path))].map((path) => chown(path, uid, gid)));
}
