import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import type { Json } from '../cluster/api.ts';
import { type Applied, apply, parseObjects } from '../cluster/apply.ts';
import { accountKubeconfig } from '../cluster/identities.ts';
import { describeCluster } from '../cluster/use-cluster.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

async function printed(...args: string[]): Promise<string> {
  const ports = testPorts();
  await runCommandLine('msvc', ['check-cluster', '--print-cronjob', 'registry.example.com/msvc:1.2.3', ...args], ports);
  return ports.stdout.text;
}

describeCluster('what --print-cronjob prints', (cluster) => {
  let objects: Json[];
  let applied: Applied;
  beforeAll(async () => {
    objects = parseObjects(await printed());
    applied = await apply(cluster.api, objects);
  });
  afterAll(() => applied?.wipe());

  test.skipIf(!hasKubectl)('is taken by kubectl apply, as it is', async () => {
    for (const text of [await printed(), await printed('-n', 'default,kube-system')]) {
      const { status, stdout, stderr } = spawnSync(
        'kubectl',
        ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'],
        { input: text, env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, encoding: 'utf8' },
      );
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/cronjob.batch\/msvc-check serverside-applied/);
    }
  });

  test('makes pods that a namespace of the strictest kind lets in', async () => {
    const job = objects.find(({ kind }) => kind === 'CronJob');
    const { metadata, spec } = job?.spec.jobTemplate.spec.template ?? {};
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'it' }, spec };
    const admitted = await cluster.api.send('POST', '/api/v1/namespaces/msvc-check/pods?dryRun=All', pod);
    expect(admitted.spec.serviceAccountName).toBe('msvc-check');
    const bare = { ...pod, spec: { ...spec, securityContext: {} } };
    await expect(cluster.api.send('POST', '/api/v1/namespaces/msvc-check/pods?dryRun=All', bare)).rejects.toThrow(
      /PodSecurity|restricted/,
    );
  });

  test('its account may read every list, and nothing else', async () => {
    const { rules } = objects.find(({ kind }) => kind === 'ClusterRole') ?? {};
    const kubeconfig = await accountKubeconfig(cluster.api, { namespace: 'msvc-check', name: 'msvc-check', rules });
    const run = async (...args: string[]) => {
      const ports = testPorts({ env: { KUBECONFIG: kubeconfig } });
      const exitCode = await runCommandLine('msvc', ['check-cluster', ...args], ports);
      return { exitCode, stdout: ports.stdout.text };
    };
    expect((await run('-A', '--can-i')).stdout).toMatch(/all \d+ lists may be read/);
    const job = objects.find(({ kind }) => kind === 'CronJob');
    const [{ args }] = job?.spec.jobTemplate.spec.template.spec.containers ?? [];
    const { stdout } = await run(...args.slice(1));
    expect(stdout).toMatch(/^# TYPE msvc_check_cells gauge\n.*\n# EOF\n$/s);
    const can = spawnSync('kubectl', ['auth', 'can-i', 'list', 'secrets', '-A'], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      encoding: 'utf8',
    });
    if (hasKubectl) expect(can.stdout.trim()).toBe('no');
  });
});
