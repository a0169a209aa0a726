import { describe, expect, test } from 'vitest';
import { runChecks } from '../../src/check/run-checks.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { objectsIn, snapshotOf } from './support/fixture.ts';

async function print(...args: string[]) {
  const ports = testPorts();
  const exitCode = await runCommandLine('msvc', ['check-cluster', '--print-cronjob', ...args], ports);
  return { exitCode, text: ports.stdout.text, stderr: ports.stderr.text };
}
const image = 'registry.example.com/msvc:1.2.3';
const kinds = (text: string) => objectsIn(text).objects.map(({ kind }) => kind);
const jobIn = (text: string) => {
  const job = objectsIn(text).objects.find(({ kind }) => kind === 'CronJob') as unknown as {
    spec: { jobTemplate: { spec: { template: { spec: { containers: { image: string; args: string[] }[] } } } } };
  };
  return job.spec.jobTemplate.spec.template.spec.containers[0];
};

describe('--print-cronjob', () => {
  test('of all namespaces is bound once, to the role of the cluster', async () => {
    const { exitCode, text } = await print(image);
    expect(exitCode).toBe(0);
    expect(kinds(text)).toEqual(['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'CronJob']);
    expect(jobIn(text)).toMatchObject({
      image,
      args: ['check-cluster', '-A', '--fail-on', 'never', '-o', 'openmetrics'],
    });
    expect(text).not.toMatch(/secret/i);
    expect([...text.matchAll(/verbs: \[(.*)\]/g)].map(([, verbs]) => verbs)).toEqual(
      expect.not.arrayContaining([expect.not.stringMatching(/^(list|get)$/)]),
    );
  });

  test('of some namespaces is bound in each, to the role that a team may be given', async () => {
    const { text } = await print(image, '-n', 'web,shop,web', '--skip', 'api-gateway');
    expect(kinds(text)).toEqual([
      'Namespace',
      'ServiceAccount',
      'ClusterRole',
      'RoleBinding',
      'RoleBinding',
      'CronJob',
    ]);
    expect(jobIn(text)?.args.join(' ')).toMatch(/^check-cluster -n shop,web --skip api-gateway --fail-on never/);
  });

  test('asks pods only where that was said, with the rights to', async () => {
    expect((await print(image)).text).not.toContain('pods/');
    const { text } = await print(image, '--probe', '--sample-logs');
    expect(jobIn(text)?.args.join(' ')).toContain('--probe --sample-logs');
    expect(text).toMatch(/resources: \[pods\/proxy, pods\/log\]\n +verbs: \[get\]/);
  });

  test('what it runs is a command line that msvc takes', async () => {
    const { text } = await print(
      image,
      '-l',
      'app=orders,tier!=cache',
      '--only',
      'health-checks',
      '--min-coverage',
      '60',
    );
    const args = jobIn(text)?.args ?? [];
    const ports = testPorts({ cwd: '/', env: { KUBECONFIG: '/gone' } });
    expect(await runCommandLine('msvc', args, ports)).toBe(2);
    expect(ports.stderr.text).toContain('NO_KUBECONFIG');
  });

  test('passes what it judges itself: nothing of it is a service', async () => {
    const { text } = await print(image);
    const run = runChecks(snapshotOf(objectsIn(text).objects), { startedAt: '', today: '2026-01-01' });
    expect(run.results.filter(({ subject }) => subject.kind !== 'Cluster')).toEqual([]);
  });

  test.each([
    ['no version', ['registry.example.com/msvc'], 'IMAGE'],
    ['latest', ['msvc:latest'], 'IMAGE'],
    ['a hostile name', ['msvc:1"]\n  hostNetwork: true'], 'IMAGE'],
    ['a namespace that cannot be', [image, '-n', 'Shop'], 'NAMESPACES'],
    ['a check that there is not', [image, '--only', 'health'], 'UNKNOWN_CHECK'],
    ['no share', [image, '--min-coverage', 'half'], 'MIN_COVERAGE'],
  ])('%s is refused in three lines', async (_, args, code) => {
    const { exitCode, text, stderr } = await print(...args);
    expect([exitCode, text]).toEqual([2, '']);
    expect(stderr).toContain(`error ${code}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
  });
});
