import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { withLock } from './lock.ts';

const run = promisify(execFile);
const version = '18.4';

/** A real PostgreSQL for development and tests. */
export interface PostgresServer {
  /** Connection string of a database on this server; the database need not exist yet. */
  url(database: string): string;
  /** Stops the server, unless somebody else is still connected to it. */
  release(): Promise<void>;
}

/** One that belongs to a single test, which may break it. */
export interface OwnPostgresServer {
  url(database: string): string;
  /** Stops it at once, as a crash would. */
  crash(): Promise<void>;
  /** Starts it again, at the same address. */
  restart(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/**
 * Starts PostgreSQL, or joins the one that runs already: one server a user and machine, whatever number of services,
 * dev processes and test files. It listens on 127.0.0.1 only, with a random password. A server whose starter was
 * killed keeps running and is joined by the next caller.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const home = await prepareHome();
  const lock = join(home.folder, 'lock');
  const url = await withLock(lock, async () => {
    const password = await ensureData(home);
    const running = await runningUrl(home, password);
    if (running) return running;
    const port = await freePort();
    await start(home, port);
    return address(port, password);
  });
  return {
    url: (database) => `${url}/${database}`,
    release: () => withLock(lock, () => stopIfIdle(home, `${url}/postgres`)),
  };
}

export async function startOwnPostgres(): Promise<OwnPostgresServer> {
  const shared = await prepareHome();
  const folder = join(shared.folder, `own-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  const home = { ...shared, folder, data: join(folder, 'data') };
  const password = await ensureData(home);
  const port = await freePort();
  const crash = () => control(home, 'stop', '-m', 'immediate');
  await start(home, port);
  return {
    url: (database) => `${address(port, password)}/${database}`,
    crash,
    restart: () => start(home, port),
    async remove() {
      await crash().catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Home {
  folder: string;
  data: string;
  bin(program: string): string;
  /** PostgreSQL refuses to run as root: there it runs as this user. */
  user?: { uid: number; gid: number };
}

async function prepareHome(): Promise<Home> {
  const isRoot = process.getuid?.() === 0;
  // A root's home is private, and a service may lie in any private folder: data and programs go where another user can read.
  const folder =
    process.env.DEV_POSTGRES_DIR ?? join(isRoot ? '/var/tmp' : join(homedir(), '.cache'), `dev-postgres-${version}`);
  await mkdir(folder, { recursive: true });
  if (isRoot) await chmod(folder, 0o755);
  const native = await withLock(join(folder, 'lock-binaries'), () =>
    findBinaries(isRoot ? join(folder, 'programs') : undefined),
  );
  return {
    folder,
    data: join(folder, 'data'),
    bin: (program) => join(native, 'bin', process.platform === 'win32' ? `${program}.exe` : program),
    ...(isRoot ? { user: await unprivilegedUser() } : {}),
  };
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user)
    throw new Error(
      'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody". Run this as an ordinary user, or set DATABASE_URL.',
    );
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** Makes the data directory once; a run that was killed half-way leaves nothing that counts. Returns the password. */
async function ensureData(home: Home): Promise<string> {
  const passwordFile = join(home.folder, 'password');
  if (existsSync(join(home.data, 'complete'))) return (await readFile(passwordFile, 'utf8')).trim();

  await rm(home.data, { recursive: true, force: true });
  await mkdir(home.data, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  if (home.user) {
    const { uid, gid } = home.user;
    await Promise.all([home.data, passwordFile].map((path) => chown(path, uid, gid)));
  }
  await run(
    home.bin('initdb'),
    [
      '--pgdata',
      home.data,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { ...home.user, cwd: home.folder },
  );
  // No fsync: data survives a killed process all the same, and only development and test data is at stake when the machine dies.
  const settings = [
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    'max_connections = 300',
    'fsync = off',
    'full_page_writes = off',
  ];
  await appendFile(join(home.data, 'postgresql.conf'), `\n${settings.join('\n')}\ninclude 'port.conf'\n`);
  await writeFile(join(home.data, 'port.conf'), '');
  await writeFile(join(home.data, 'complete'), '');
  return (await readFile(passwordFile, 'utf8')).trim();
}

async function start(home: Home, port: number): Promise<void> {
  await writeFile(join(home.data, 'port.conf'), `port = ${port}\n`);
  await control(home, 'start', '-l', join(home.data, 'server.log'), '-t', '60');
}

async function control(home: Home, command: 'start' | 'stop', ...options: string[]): Promise<void> {
  await run(home.bin('pg_ctl'), [command, '-D', home.data, '-w', ...options], { ...home.user, cwd: home.folder });
}

/** Address of the server that runs on our data, told by its `postmaster.pid`; undefined where none answers. */
async function runningUrl(home: Home, password: string): Promise<string | undefined> {
  const port = (await readFile(join(home.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[3];
  if (!port) return undefined;
  const url = address(Number(port), password);
  return (await answers(`${url}/postgres`)) ? url : undefined;
}

async function stopIfIdle(home: Home, url: string): Promise<void> {
  const others = await query(
    url,
    "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
  ).catch(() => undefined);
  if (others?.length === 0) await control(home, 'stop', '-m', 'fast');
}

const address = (port: number, password: string): string => `postgres://postgres:${password}@127.0.0.1:${port}`;

const answers = (url: string): Promise<boolean> =>
  query(url, 'select 1').then(
    () => true,
    () => false,
  );

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
  });
}
