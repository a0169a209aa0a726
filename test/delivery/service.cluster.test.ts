import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { checkCluster } from '../../src/check/check-cluster.ts';
import { checkRepository } from '../../src/check/check-repository.ts';
import { checks } from '../../src/check/checks/index.ts';
import type { CheckRun } from '../../src/check/contract.ts';
import { testPorts } from '../check/support/ports.ts';
import type { Json } from '../cluster/api.ts';
import { apply } from '../cluster/apply.ts';
import { settle } from '../cluster/settle.ts';
import { until } from '../cluster/until.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { kinds, playArgo, playGateway, releaseApplication } from './support/controllers.ts';
import { build, kubectl, one, withoutKubectl } from './support/kustomize.ts';
import { type Endpoint, mayConnect } from './support/network-rules.ts';
import { inFolder, platformFiles, serviceFiles } from './support/render-service.ts';

describeCluster('a service with its platform on a real control plane', (cluster) => {
  const namespace = 'apps';
  /** What is undone at the end, last things first: other suites share this cluster. */
  const undo: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  const run = (...args: string[]) => kubectl(cluster.kubeconfig, args);
  const pathOf = (group: string, plural: string) => `/apis/${group}/namespaces/${namespace}/${plural}`;
  const list = async (group: string, plural: string): Promise<Json[]> =>
    (await cluster.api.get(pathOf(group, plural))).items;

  /** Applies as a person does; a warning of the server is an error. */
  const applyFolder = (folder: string, ...more: string[]) =>
    run('apply', '--server-side', '--warnings-as-errors', '-k', folder, ...more);

  it.skipIf(withoutKubectl)('is accepted without a warning, rolls out, and is judged right', async () => {
    undo.push((await apply(cluster.api, kinds)).wipe);
    const platform = await inFolder(await platformFiles());
    const objects = build(platform);
    await applyFolder(platform);
    undo.push((await apply(cluster.api, objects)).wipe);

    // order-service calls payments, and payments calls nobody: both from the same templates.
    const orders = await inFolder(await serviceFiles('order-service', { calls: ['payments'] }));
    const payments = await inFolder(await serviceFiles('payments'));
    await expose(orders);
    await applyFolder(`${payments}/deploy/overlays/production`, '--namespace', namespace);
    await settle(cluster.api);
    // Before its first merge: what it calls is there, and nothing of it ever was.
    await expectJudgedBeforeTheMerge(orders, await record());
    await applyFolder(`${orders}/deploy/overlays/production`, '--namespace', namespace);
    await run('rollout', 'status', 'deployment/order-service', '-n', namespace, '--timeout=60s');

    // The autoscaler knows its Deployment, and wants two pods of it.
    const deployment = () => cluster.api.get(`${pathOf('apps/v1', 'deployments')}/order-service`);
    await until('the autoscaler has its two replicas', async () => (await deployment()).status.readyReplicas === 2);
    await until('the autoscaler says that it can scale', async () => {
      const [scaler] = await list('autoscaling/v2', 'horizontalpodautoscalers');
      return scaler.status.conditions?.some((one: Json) => one.type === 'AbleToScale' && one.status === 'True');
    });
    await settle(cluster.api);

    // The disruption budget counts those two, and lets one go.
    await until('the disruption budget has seen them', async () => {
      const budgets = await list('policy/v1', 'poddisruptionbudgets');
      const { status } = one(
        budgets.map((budget) => ({ kind: 'PodDisruptionBudget', ...budget })),
        'PodDisruptionBudget',
        'order-service',
      );
      return status.expectedPods === 2 && status.disruptionsAllowed === 1;
    });

    await expectNetwork();
    const before = await judge();
    expect(cell(before, 'order-service', 'deployment-automation')).not.toBe('pass');

    await playControllers(orders);
    const after = await judge();
    expect(failing(before)).toEqual([]);
    expect(failing(after)).toEqual([]);
    expect(rowOf(after, 'order-service')).toMatchObject({
      'service-discovery': 'pass',
      'health-checks': 'pass',
      'distributed-tracing': 'pass',
      'centralized-logging': 'pass',
      'deployment-automation': 'pass',
      'api-gateway': 'pass',
      // In its code, where nobody can see it from outside.
      'circuit-breakers': 'unknown',
    });

    // The next change to it: what is recorded is the platform with the version before.
    await expectJudgedBeforeTheMerge(orders, await record());

    // No false pass: what stops to be there stops to be green.
    await run('delete', '-n', 'observability', 'deployment/store', 'service/store', 'daemonset/otel-logs');
    await settle(cluster.api);
    const without = await judge();
    expect(cell(without, 'order-service', 'distributed-tracing')).not.toBe('pass');
    expect(cell(without, 'order-service', 'centralized-logging')).not.toBe('pass');
  });

  /** A recording of what is there now. */
  async function record(): Promise<string> {
    const folder = `${await inFolder(new Map())}/recording`;
    const read = { kubeconfig: cluster.kubeconfig, namespaces: [namespace] };
    await checkCluster({ checks, waivers: [], cluster: read, record: folder }, testPorts());
    return folder;
  }

  /** A service's repository with a platform around it: nothing fails, and seven of the nine items are decided. */
  async function expectJudgedBeforeTheMerge(path: string, around: string): Promise<void> {
    const read = { render: true, values: [], seconds: 60 };
    const { runs, failed } = await checkRepository({ checks, waivers: [], path, around, read }, testPorts());
    expect(failed).toEqual([]);
    expect(runs.flatMap(failing)).toEqual([]);
    const production = runs.find(({ environment }) => environment?.name === 'deploy/overlays/production');
    if (!production) throw new Error('production was not judged');
    const items = new Set(checks.filter(({ kind }) => kind === undefined).map(({ id }) => id));
    const row = Object.entries(rowOf(production, 'order-service')).filter(([id]) => items.has(id));
    const open = row.filter(([, status]) => status === 'unknown').map(([id]) => id);
    expect(row).toHaveLength(items.size);
    expect(open.length, open.join(', ')).toBeLessThanOrEqual(2);
  }

  /** Who may connect to whom, by the policies as the server holds them. */
  async function expectNetwork(): Promise<void> {
    const policies = (await cluster.api.get('/apis/networking.k8s.io/v1/networkpolicies')).items;
    const pods = (await cluster.api.get(`/api/v1/namespaces/${namespace}/pods`)).items;
    const space = (name: string) => cluster.api.get(`/api/v1/namespaces/${name}`);
    const podOf = async (app: string): Promise<Endpoint> => ({
      namespace: await space(namespace),
      labels: pods.find((pod: Json) => pod.metadata.labels.app === app).metadata.labels,
      ports: { http: 3000 },
    });
    const somewhere = async (name: string, labels = {}): Promise<Endpoint> => ({
      namespace: await space(name),
      labels,
    });
    const [orders, payments] = [await podOf('order-service'), await podOf('payments')];
    const may = (from: Endpoint, to: Endpoint, port: number, protocol?: string) =>
      mayConnect(policies, from, to, port, protocol);

    expect(may(orders, payments, 3000), 'the call that it declares').toBe(true);
    expect(may(payments, orders, 3000), 'a call that nobody declared').toBe(false);
    expect(may(orders, payments, 5432), 'another port').toBe(false);
    expect(may(orders, await somewhere('observability', { app: 'otel-collector' }), 4318), 'traces').toBe(true);
    expect(may(orders, await somewhere('kube-system'), 53, 'UDP'), 'names').toBe(true);
    expect(may(await somewhere('gateway'), orders, 3000), 'the gateway').toBe(true);
    expect(may(await somewhere('default'), orders, 3000), 'a stranger').toBe(false);
    expect(may(orders, await somewhere('default'), 443), 'the way out').toBe(false);
  }

  const judge = () =>
    checkCluster(
      { cluster: { kubeconfig: cluster.kubeconfig, namespaces: [namespace] }, checks, waivers: [] },
      testPorts(),
    );

  /** What the person applies once for Argo CD, then what Argo CD and the gateway's controller do with it. */
  async function playControllers(folder: string): Promise<void> {
    await run('create', 'namespace', 'argocd');
    await run('apply', '--server-side', '-f', `${folder}/deploy/delivery/production.yaml`);
    undo.push(async () => {
      await releaseApplication(cluster.api, 'order-service');
      await run('delete', 'namespace', 'argocd');
    });
    await playArgo(cluster.api, 'order-service', namespace, build(`${folder}/deploy/overlays/production`));
    await playGateway(cluster.api, { namespace, name: 'order-service' });
    await settle(cluster.api);
  }
});

/** As the comment in the overlay says. */
async function expose(folder: string): Promise<void> {
  const file = `${folder}/deploy/overlays/production/kustomization.yaml`;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('# components:\n#   - ../../exposed', 'components:\n  - ../../exposed'));
}

const cell = ({ results }: CheckRun, service: string, check: string) =>
  results.find(
    (result) => result.check === check && result.subject.name === service && result.subject.kind !== 'Cluster',
  )?.status;

const rowOf = ({ results }: CheckRun, service: string) =>
  Object.fromEntries(
    results.filter(({ subject }) => subject.name === service).map(({ check, status }) => [check, status]),
  );

const failing = ({ results }: CheckRun) =>
  results
    .filter(({ status, subject }) => status === 'fail' && subject.kind !== 'Cluster')
    .map(({ check, subject, message }) => `${check} ${subject.name}: ${message}`);
