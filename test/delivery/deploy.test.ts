import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
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
  // A pull request is a file named after its branch.
  gh: `case "$2" in
    view) [ -f "$PULLS/$3" ] && echo OPEN ;;
    create) [ ! -f "$PULLS/$6" ] && touch "$PULLS/$6" ;;
  esac`,
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
  const pulls = join(beside, 'pulls');
  await mkdir(pulls);
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
  let changes = 0;
  const commit = (): string => {
    changes += 1;
    writeFileSync(join(folder, 'src/change.ts'), `export const change = ${changes};\n`);
    git('add', '--all');
    git('commit', '--quiet', '--message=change');
    git('push', '--quiet', 'origin', 'main');
    return `0.1.0-${git('rev-parse', 'HEAD').slice(0, 12)}`;
  };
  /** From now on nobody pushes to main: as GitHub does where a branch is protected. */
  const hook = join(beside, 'remote/hooks/update');
  const protectMain = async (): Promise<void> => {
    await writeFile(hook, '#!/usr/bin/env bash\n[ "$1" != refs/heads/main ]\n');
    await chmod(hook, 0o755);
  };
  return {
    commit,
    git,
    /** As the job does: at the newest commit of main, with the image of the run's own. */
    deploy(
      version: string,
      image: string,
      environment = 'staging',
      more = {},
    ): { status: number | null; said: string } {
      git('fetch', '--quiet', 'origin');
      git('checkout', '--quiet', '--force', '-B', 'main', 'origin/main');
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CLUSTER: cluster, PULLS: pulls, ...more };
      const { status, stdout, stderr } = spawnSync('bash', ['deploy/delivery/deploy.sh', environment], {
        cwd: folder,
        env: { ...env, KUBECONFIG_CONTENT: 'x', IMAGE: image, VERSION: version },
        encoding: 'utf8',
      });
      return { status, said: stdout + stderr };
    },
    protectMain,
    /** What the open pull requests would commit, by branch. */
    async pullRequests(): Promise<Record<string, string>> {
      git('fetch', '--quiet', 'origin');
      const branches = (await readdir(pulls)).sort();
      return Object.fromEntries(
        branches.map((branch) => [branch, git('log', '--format=%s', `origin/main..origin/${branch}`)]),
      );
    },
    /** As a person does on the website: it is a commit of main, whose version the pipeline runs with next. */
    async merge(branch: string): Promise<string> {
      await rm(join(pulls, branch));
      git('fetch', '--quiet', 'origin');
      git('checkout', '--quiet', '--force', '-B', 'main', 'origin/main');
      git('merge', '--quiet', '--no-ff', '--message=merged', `origin/${branch}`);
      await rm(hook);
      git('push', '--quiet', 'origin', 'main');
      await protectMain();
      return `0.1.0-${git('rev-parse', 'HEAD').slice(0, 12)}`;
    },
    async there(environment = 'staging'): Promise<string | undefined> {
      if (delivery === 'push') return readFile(cluster, 'utf8');
      const overlay = git('show', `origin/main:deploy/overlays/${environment}/kustomization.yaml`);
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

describe.each(['argocd', 'flux'])('where main is protected, delivery by %s', (delivery) => {
  const byPullRequest = { BY_PULL_REQUEST: 'true' };

  test('a push that is refused says what to do', async () => {
    const { commit, deploy, protectMain } = await pipeline(delivery);
    const version = commit();
    await protectMain();
    const { status, said } = deploy(version, digest('a'));
    expect(status).toBe(1);
    expect(said).toContain('set the variable DELIVER_BY_PULL_REQUEST to true');
  });

  test('each environment has one pull request, production what staging has, and merging them comes to an end', async () => {
    const { commit, deploy, git, protectMain, pullRequests, merge, there } = await pipeline(delivery);
    const [forStaging, forProduction] = ['deploy-order-service-staging', 'deploy-order-service-production'] as const;
    const run = (version: string, letter: string): void => {
      for (const environment of ['staging', 'production'])
        expect(deploy(version, digest(letter), environment, byPullRequest)).toMatchObject({ status: 0 });
    };
    const first = commit();
    const second = commit();
    await protectMain();
    git('checkout', '--quiet', 'main');
    run(first, 'a');
    expect(await pullRequests()).toEqual({ [forStaging]: `Deploy order-service ${first} to staging` });
    run(second, 'b');
    expect(await pullRequests()).toEqual({ [forStaging]: `Deploy order-service ${second} to staging` });

    const merged = await merge(forStaging);
    expect(await there()).toBe(second);
    run(merged, 'c');
    expect(await pullRequests()).toEqual({ [forProduction]: `Deploy order-service ${second} to production` });
    const mergedAgain = await merge(forProduction);
    expect(await there('production')).toBe(second);
    expect(git('show', 'origin/main:deploy/overlays/production/kustomization.yaml')).toContain(
      `digest: sha256:${'b'.repeat(64)}`,
    );
    run(mergedAgain, 'd');
    expect(await pullRequests()).toEqual({});
  });
});

test.each(['argocd', 'flux'])(
  'a deployment that starts the pipeline calls for no other one, delivery by %s',
  async (delivery) => {
    const { commit, deploy, git, there } = await pipeline(delivery);
    const version = commit();
    deploy(version, digest('a'));
    const deployed = `0.1.0-${git('rev-parse', 'origin/main').slice(0, 12)}`;
    expect(deploy(deployed, digest('b'))).toMatchObject({
      status: 0,
      said: expect.stringContaining('nothing else has'),
    });
    expect(await there()).toBe(version);
    expect(git('rev-list', '--count', 'origin/main')).toBe('2');
  },
);
