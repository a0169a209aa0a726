import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from '../../scripts/free-port.ts';
import { startKept } from '../../scripts/kept-program.ts';

/** For `test(name, { skip: withoutPgbouncer }, …)`: false, or why the test cannot run on this machine. */
export const withoutPgbouncer: string | false =
  spawnSync('pgbouncer', ['--version']).status === 0 ? false : 'there is no pgbouncer on PATH';

/** A real PgBouncer in transaction mode, otherwise as it comes, before the server of a database. @returns its address. */
export async function startPgbouncer(t: TestContext, database: string): Promise<string> {
  const { hostname, port, username, password } = new URL(database);
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  const own = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const settings = `
[databases]
* = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
${process.getuid?.() === 0 ? 'user = nobody' : ''}
`;
  await writeFile(file, settings);
  // As root it becomes somebody else, who must be able to read it.
  await chmod(folder, 0o755);
  const { stop } = await startKept(['pgbouncer', file], folder, /process up/);
  t.after(stop);
  return Object.assign(new URL(database), { port: `${own}`, search: '?pgbouncer=true' }).href;
}
