import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Binaries, type GoModule, goPrograms, holdsAll } from '../go-programs.ts';

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const here = import.meta.dirname;
const kubernetesVersion = 'v1.36.3';

// Without the version the server calls itself v0.0.0, and clients that compare versions go wrong.
const stamp = (key: string, value: string) => `-X k8s.io/component-base/version.${key}=${value}`;
const modules: readonly GoModule[] = [
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

/**
 * A complete `KUBEBUILDER_ASSETS` wins, then this user's cache; else the four are built (about seven minutes on two
 * cores).
 */
export async function controlPlaneBinaries(env: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<Binaries> {
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== '') {
    if (holdsAll(assets, names)) return { folder: assets };
    // What envtest downloads has no controller manager and no scheduler: nothing would ever be rolled out.
    const absent = names.filter((name) => !existsSync(join(assets, name)));
    tell(`KUBEBUILDER_ASSETS=${assets} has no ${absent.join(', ')}: not used`);
  }
  const found = await goPrograms({ name: 'control-plane', names, modules }, env, tell);
  return 'missing' in found ? { missing: `${found.missing}, and no KUBEBUILDER_ASSETS that holds them` } : found;
}
