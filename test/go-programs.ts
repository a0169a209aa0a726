import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { withLock } from '../templates/features/servers/once/scripts/lock.ts';
import { cacheFolder } from './cache-folder.ts';

/** The folder that holds them, or the reason why this machine has none. */
export type Binaries = { folder: string } | { missing: string };

export interface GoModule {
  /** With its go.mod and go.sum. */
  folder: string;
  packages: readonly string[];
  ldflags: string;
  /** What `go build -o` is given. */
  output(folder: string): string;
}

export interface GoPrograms {
  /** Of all of them together, in this user's cache. */
  name: string;
  /** The files that are made. */
  names: readonly string[];
  modules: readonly GoModule[];
}

export const holdsAll = (folder: string, names: readonly string[]): boolean =>
  names.every((name) => existsSync(join(folder, name)));

/**
 * Programs as this user's cache has them; else they are built from their Go modules, once a version, and kept under the
 * hash of what they were built from.
 */
export async function goPrograms(
  { name, names, modules }: GoPrograms,
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): Promise<Binaries> {
  const cache = cacheFolder(env, name);
  const folder = join(cache, await fingerprint(modules));
  if (holdsAll(folder, names)) return { folder };
  if (!isOnPath('go', env)) return { missing: `no Go to build ${names.join(', ')} with` };
  await mkdir(cache, { recursive: true });
  await withLock(
    `${folder}.lock`,
    async () => {
      if (!holdsAll(folder, names)) await build(modules, folder, env, tell);
    },
    (owner) => tell(`waiting for process ${owner}, which is building the same`),
  );
  return { folder };
}

async function fingerprint(modules: readonly GoModule[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const { folder, ldflags } of modules) {
    hash.update(ldflags);
    for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function build(
  modules: readonly GoModule[],
  folder: string,
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    for (const module of modules) await goBuild(module, unfinished, env, tell);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** One `go build` for all packages of a module: they share most of what is compiled. */
function goBuild(module: GoModule, into: string, env: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<void> {
  const args = ['build', '-trimpath', '-v', '-ldflags', module.ldflags, '-o', module.output(into), ...module.packages];
  tell(`building ${module.packages.join(', ')}`);
  return new Promise((resolve, reject) => {
    const go = spawn('go', args, {
      cwd: module.folder,
      env: { ...env, CGO_ENABLED: '0', GOFLAGS: `${env.GOFLAGS ?? ''} -mod=readonly`.trim(), GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let compiled = 0;
    let tail = '';
    const timer = setInterval(() => tell(`still building: ${compiled} packages compiled`), 20_000);
    go.stderr.setEncoding('utf8').on('data', (text: string) => {
      compiled += text.split('\n').length - 1;
      tail = (tail + text).slice(-4000);
    });
    const stop = () => go.kill();
    process.once('exit', stop);
    const settle = () => {
      clearInterval(timer);
      process.off('exit', stop);
    };
    go.once('error', (error) => {
      settle();
      reject(error);
    });
    go.once('close', (code) => {
      settle();
      if (code === 0) resolve();
      else reject(new Error(`go build in ${module.folder} ended with ${code}:\n${tail}`));
    });
  });
}

const isOnPath = (program: string, env: NodeJS.ProcessEnv) =>
  (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
