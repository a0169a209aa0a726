import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { withLock } from '../../templates/features/servers/once/scripts/lock.ts';
import { cacheFolder } from '../cache-folder.ts';

/** The folder that holds them, or the reason why this machine has none. */
export type Binaries = { folder: string } | { missing: string };

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const here = import.meta.dirname;
const kubernetesVersion = 'v1.36.3';

// Without the version the server calls itself v0.0.0, and clients that compare versions go wrong.
const stamp = (key: string, value: string) => `-X k8s.io/component-base/version.${key}=${value}`;
const modules = [
  {
    folder: join(here, 'kubernetes'),
    packages: names.slice(1).map((name) => `k8s.io/kubernetes/cmd/${name}`),
    ldflags: ['-s -w', stamp('gitVersion', kubernetesVersion), stamp('gitMajor', '1'), stamp('gitMinor', '36')].join(
      ' ',
    ),
    output: (folder: string) => `${folder}/`,
  },
  {
    folder: join(here, 'etcd'),
    packages: ['go.etcd.io/etcd/server/v3'],
    ldflags: '-s -w',
    // The package is called v3 for go, so the file must be named.
    output: (folder: string) => join(folder, 'etcd'),
  },
];

const holdsAll = (folder: string) => names.every((name) => existsSync(join(folder, name)));

/**
 * A complete `KUBEBUILDER_ASSETS` wins, then this user's cache; else the four are built from their Go modules (about
 * seven minutes on two cores, once a version) and kept in the cache under the hash of what they were built from.
 */
export async function controlPlaneBinaries(env: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<Binaries> {
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== '') {
    if (holdsAll(assets)) return { folder: assets };
    // What envtest downloads has no controller manager and no scheduler: nothing would ever be rolled out.
    const absent = names.filter((name) => !existsSync(join(assets, name)));
    tell(`KUBEBUILDER_ASSETS=${assets} has no ${absent.join(', ')}: not used`);
  }
  const cache = cacheFolder(env, 'control-plane');
  const folder = join(cache, await fingerprint());
  if (holdsAll(folder)) return { folder };
  if (!isOnPath('go', env)) {
    return {
      missing: `no Go to build the control plane with, and no KUBEBUILDER_ASSETS that holds ${names.join(', ')}`,
    };
  }
  await mkdir(cache, { recursive: true });
  await withLock(
    `${folder}.lock`,
    async () => {
      if (!holdsAll(folder)) await build(folder, env, tell);
    },
    (owner) => tell(`waiting for process ${owner}, which is building the same`),
  );
  return { folder };
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const { folder, ldflags } of modules) {
    hash.update(ldflags);
    for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function build(folder: string, env: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<void> {
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
function goBuild(
  module: (typeof modules)[number],
  into: string,
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): Promise<void> {
  const args = ['build', '-trimpath', '-v', '-ldflags', module.ldflags, '-o', module.output(into), ...module.packages];
  tell(`building ${module.packages.map((name) => name.split('/').slice(2).join('/')).join(', ')}`);
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
