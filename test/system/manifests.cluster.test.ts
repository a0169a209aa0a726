import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkCluster } from '../../src/check/check-cluster.ts';
import { checks } from '../../src/check/checks/index.ts';
import { testPorts } from '../check/support/ports.ts';
import type { Json } from '../cluster/api.ts';
import { apply } from '../cluster/apply.ts';
import { settle } from '../cluster/settle.ts';
import { until } from '../cluster/until.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { kinds, playArgo, playGateway, releaseApplication } from '../delivery/support/controllers.ts';
import { build, kubectl, withoutKubectl } from '../delivery/support/kustomize.ts';
import { inProcess } from '../generated/support/make-service.ts';
import { typeTour } from './make-system.ts';
import { services } from './tour.ts';

describeCluster('the system of the tour with its platform on a real control plane', (cluster) => {
  const namespace = 'apps';
  const undo: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });
  const run = (...args: string[]) => kubectl(cluster.kubeconfig, args);

  it.skipIf(withoutKubectl)('nothing fails, and what can be decided without a probe passes', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-system-')));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    await inProcess('create-microservice --platform platform', folder);
    await typeTour(folder, inProcess);

    undo.push((await apply(cluster.api, kinds)).wipe);
    const platform = build(join(folder, 'platform'));
    await run('apply', '--server-side', '--warnings-as-errors', '-k', join(folder, 'platform'));
    undo.push((await apply(cluster.api, platform)).wipe);
    undo.push((await apply(cluster.api, broker())).wipe);
    await run('create', 'namespace', 'argocd');
    undo.push(() => run('delete', 'namespace', 'argocd'));
    for (const service of services) {
      const production = join(folder, service, 'deploy/overlays/production');
      await run('apply', '--server-side', '--warnings-as-errors', '-k', production, '-n', namespace);
      await run('apply', '--server-side', '-f', join(folder, service, 'deploy/delivery/production.yaml'));
      undo.push(() => releaseApplication(cluster.api, service));
      await playArgo(cluster.api, service, namespace, build(production));
    }
    await playGateway(cluster.api, { namespace, name: 'gateway' });
    for (const service of services)
      await until(`both replicas of ${service} are ready`, async () => {
        const { status } = await cluster.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${service}`);
        return status.readyReplicas === 2;
      });
    await settle(cluster.api);

    const { results } = await checkCluster(
      { cluster: { kubeconfig: cluster.kubeconfig, namespaces: [namespace] }, checks, waivers: [] },
      testPorts(),
    );
    const cells = results.filter(({ subject }) => subject.kind !== 'Cluster');
    expect(new Set(cells.map(({ subject }) => subject.name))).toEqual(new Set(services));
    const open = cells
      .filter(({ status }) => status !== 'pass' && status !== 'n-a')
      .map(({ check, subject, status, message }) => `${status} ${check} ${subject.name}: ${message}`);
    // Whether a breaker is in the code, and works, only a probe could tell.
    expect(open.filter((cell) => !cell.startsWith('unknown circuit-breakers '))).toEqual([]);
    expect(open).toHaveLength(services.length);
  });
});

/** Where the services look for it unless they are told otherwise. */
function broker(): Json[] {
  const labels = { app: 'nats' };
  const container = { name: 'nats', image: 'nats:2.15.2', args: ['--jetstream'], ports: [{ containerPort: 4222 }] };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'nats' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'nats', namespace: 'nats' },
      spec: { selector: labels, ports: [{ name: 'client', port: 4222 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'nats', namespace: 'nats' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
  ];
}
