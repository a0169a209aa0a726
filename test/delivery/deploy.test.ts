import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inFolder, serviceFiles } from './support/render-service.ts';

const digest = (letter: string) => `ghcr.io/me/order-service@sha256:${letter.repeat(64)}`;

/**
 * Programs that the runner of a pipeline has and this machine may lack: they do what the script asks of them to files.
 * A cluster is the file `cluster`, with the version that it runs.
 */
const programs = {
  kustomize: `sed -i "s|newTag: .*|digest: \${4#*@}|; s|digest: .*|digest: \${4#*@}|" kustomization.yaml`,
  kubectl: `case "$1" in
    get) cat "$CLUSTER" ;;
    apply) sed -n 's|.*app.kubernetes.io/version: "\\(.*\\)"|\\1|p' "\${@: -1}/kustomization.yaml" | tr -d '\\n' > "$CLUSTER" ;;
  esac`,
};

/** A repository with the service and its remote, in which a run of the pipeline can be played. */
async function pipeline(delivery: string) {
  const folder = await inFolder(await serviceFiles('order-service', { features: { delivery: { delivery } } }));
  const beside = await realpath(await mkdtemp(join(tmpdir(), 'msvc-deploy-')));
  onTestFinished(() => rm(beside, { recursive: true, force: true }));
  const bin = join(beside, 'bin');
  await mkdir(bin);
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/usr/bin/env bash\n${body}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const cluster = join(beside, 'cluster');
  await writeFile(cluster, '');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@localhost', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('init', '--quiet', '--bare', '--initial-branch=main', join(beside, 'remote'));
  git('remote', 'add', 'origin', join(beside, 'remote'));
  const commit = (): string => {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message=change');
    git('push', '--quiet', 'origin', 'main');
    return `0.1.0-${git('rev-parse', 'HEAD').slice(0, 12)}`;
  };
  return {
    commit,
    git,
    /** As the job does: at the newest commit of main, with the image of the run's own. */
    deploy(version: string, image: string): { status: number | null; said: string } {
      git('checkout', '--quiet', '--force', 'main');
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CLUSTER: cluster, KUBECONFIG_CONTENT: 'x' };
      const { status, stdout, stderr } = spawnSync('bash', ['deploy/delivery/deploy.sh', 'staging'], {
        cwd: folder,
        env: { ...env, IMAGE: image, VERSION: version },
        encoding: 'utf8',
      });
      return { status, said: stdout + stderr };
    },
    async there(): Promise<string | undefined> {
      if (delivery === 'push') return readFile(cluster, 'utf8');
      const overlay = git('show', 'origin/main:deploy/overlays/staging/kustomization.yaml');
      return /app\.kubernetes\.io\/version: "(.*)"/.exec(overlay)?.[1];
    },
  };
}

describe.each(['argocd', 'flux', 'push'])('deploy.sh, delivery by %s', (delivery) => {
  test('deploys, may run again, and never goes back', async () => {
    const { commit, deploy, there } = await pipeline(delivery);
    const first = commit();
    expect(deploy(first, digest('a'))).toMatchObject({ status: 0 });
    expect(await there()).toBe(first);
    expect(deploy(first, digest('a')), 'again').toMatchObject({ status: 0 });
    // Built again, it is another image of the same commit.
    expect(deploy(first, digest('b')), 'built again').toMatchObject({ status: 0 });

    const second = commit();
    expect(deploy(second, digest('c'))).toMatchObject({ status: 0 });
    expect(await there()).toBe(second);
    const older = deploy(first, digest('a'));
    expect(older.status).toBe(1);
    expect(older.said).toContain(`staging has ${second}, which is newer than ${first}`);
    expect(await there()).toBe(second);
  });
});

test.each(['argocd', 'flux'])(
  'what goes into the repository for %s is the digest, in one commit of its own',
  async (delivery) => {
    const { commit, deploy, git } = await pipeline(delivery);
    const version = commit();
    deploy(version, digest('a'));
    expect(git('show', 'origin/main:deploy/overlays/staging/kustomization.yaml')).toContain(
      `digest: sha256:${'a'.repeat(64)}`,
    );
    expect(git('log', '--format=%s', '--name-only', '-1', 'origin/main').split('\n')).toEqual([
      `Deploy order-service ${version} to staging`,
      '',
      'deploy/overlays/staging/kustomization.yaml',
    ]);
    deploy(version, digest('a'));
    expect(git('rev-list', '--count', 'origin/main')).toBe('2');
  },
);
