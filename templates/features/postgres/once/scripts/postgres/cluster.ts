import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chmod, chown, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../lock.ts';
import { findBinaries } from './binaries.ts';

const run = promisify(execFile);
const version = '18.4';

/** Programs and data of one PostgreSQL server. */
export interface Cluster {
  folder: string;
  data: string;
  password: string;
  /** Folder of PostgreSQL's programs. */
  programs: string;
  /** PostgreSQL refuses to run as root: there it runs as this user. */
  user?: { uid: number; gid: number };
}

/** Folder in which everything lies: the shared server, and those that a test has for itself. */
export async function prepareFolder(): Promise<string> {
  // A root's home is private, and PostgreSQL does not run as root: there, data and programs go where others can read.
  const parent = isRoot() ? '/var/tmp' : join(homedir(), '.cache');
  const folder = process.env.DEV_POSTGRES_DIR ?? join(parent, `dev-postgres-${version}`);
  await mkdir(folder, { recursive: true });
  const { uid } = await lstat(folder);
  if (uid !== (process.getuid?.() ?? uid)) throw new Error(`${folder} belongs to somebody else: set DEV_POSTGRES_DIR`);
  if (isRoot()) await chmod(folder, 0o755);
  return folder;
}

/** Makes the cluster in `folder`, once: a run that was killed half-way leaves nothing that counts. */
export async function prepareCluster(folder: string, shared = folder): Promise<Cluster> {
  const programs = await withLock(join(shared, 'lock-programs'), () =>
    findBinaries(isRoot() ? join(shared, 'programs') : undefined),
  );
  const passwordFile = join(folder, 'password');
  const cluster = { folder, data: join(folder, 'data'), programs: join(programs, 'bin'), ...(await otherUser()) };
  if (!existsSync(join(cluster.data, 'complete'))) await initialise(cluster, passwordFile);
  return { ...cluster, password: (await readFile(passwordFile, 'utf8')).trim() };
}

export const addressOf = ({ password }: Cluster, port: number): string =>
  `postgres://postgres:${password}@127.0.0.1:${port}`;

export async function startCluster(cluster: Cluster, port: number): Promise<void> {
  await writeFile(join(cluster.data, 'port.conf'), `port = ${port}\n`);
  await runProgram(cluster, 'pg_ctl', [...control('start', cluster), '-l', join(cluster.data, 'server.log')]);
}

/** `fast` lets nobody finish but loses nothing; `immediate` is a crash. */
export const stopCluster = (cluster: Cluster, mode: 'fast' | 'immediate'): Promise<void> =>
  runProgram(cluster, 'pg_ctl', [...control('stop', cluster), '-m', mode]);

const control = (command: string, { data }: Cluster): string[] => [command, '-D', data, '-w', '-t', '60'];

async function initialise(cluster: Omit<Cluster, 'password'>, passwordFile: string): Promise<void> {
  const { data, user } = cluster;
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  if (user) await Promise.all([data, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await runProgram(cluster, 'initdb', ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, ...options]);
  await appendFile(join(data, 'postgresql.conf'), settings);
  await writeFile(join(data, 'port.conf'), '');
  await writeFile(join(data, 'complete'), '');
}

// Without fsync, data survives a killed process all the same; only a machine that dies may take it along.
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
fsync = off
full_page_writes = off
include 'port.conf'
`;

async function runProgram(cluster: Omit<Cluster, 'password'>, program: string, args: string[]): Promise<void> {
  const file = process.platform === 'win32' ? `${program}.exe` : program;
  await run(join(cluster.programs, file), args, { ...cluster.user, cwd: cluster.folder });
}

const isRoot = (): boolean => process.getuid?.() === 0;

async function otherUser(): Promise<Pick<Cluster, 'user'>> {
  if (!isRoot()) return {};
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const [, , uid, gid] = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody') ?? [];
  if (uid === undefined) throw new Error('PostgreSQL does not run as root: use another user, or set DATABASE_URL');
  return { user: { uid: Number(uid), gid: Number(gid) } };
}
