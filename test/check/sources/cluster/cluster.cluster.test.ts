import { afterAll, beforeAll, expect, it } from 'vitest';
import { runChecks } from '../../../../src/check/run-checks.ts';
import { canI } from '../../../../src/check/sources/cluster/can-i.ts';
import { readCluster } from '../../../../src/check/sources/cluster/cluster.ts';
import { printRole } from '../../../../src/check/sources/resources/rbac.ts';
import { resources } from '../../../../src/check/sources/resources/resources.ts';
import type { Snapshot } from '../../../../src/check/sources/snapshot.ts';
import { testPorts } from '../../../cli/support/test-ports.ts';
import { type Applied, apply, parseObjects } from '../../../cluster/apply.ts';
import { definitions } from '../../../cluster/definitions.ts';
import { clusterRole, identity } from '../../../cluster/identities.ts';
import { settle } from '../../../cluster/settle.ts';
import { describeCluster } from '../../../cluster/use-cluster.ts';

const shop = (namespace: string, elsewhere: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders, namespace: ${namespace}, annotations: { msvc.dev/context: sales } }
spec:
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders } }
    spec:
      containers:
        - name: orders
          image: example.test/orders:1
          env: [{ name: COLLECTOR, value: "http://collector.${elsewhere}:4317" }, { name: PASSWORD, value: hunter2 }]
          readinessProbe: { httpGet: { path: /health/ready, port: 3000 } }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: ${namespace} }
spec: { selector: { app: orders }, ports: [{ port: 80, targetPort: 3000 }] }
---
apiVersion: v1
kind: Secret
metadata: { name: never-read, namespace: ${namespace} }
stringData: { value: hunter2 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: collector, namespace: ${elsewhere} }
spec:
  selector: { matchLabels: { app: collector } }
  template:
    metadata: { labels: { app: collector } }
    spec: { containers: [{ name: collector, image: "example.test/collector:1" }] }
---
apiVersion: v1
kind: Service
metadata: { name: collector, namespace: ${elsewhere} }
spec: { selector: { app: collector }, ports: [{ port: 4317 }] }
`;

const names = (snapshot: Snapshot, part: string, namespace?: string) =>
  (snapshot.objects.get(part) ?? [])
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .map(({ metadata }) => metadata.name);
const outcomes = (snapshot: Snapshot, part: string) =>
  snapshot.reads
    .filter(({ resource }) => resource === part)
    .map(({ namespace, outcome }) => (namespace === undefined ? outcome : `${namespace}: ${outcome}`));

describeCluster('reading a live cluster', ({ api, kubeconfig, namespace, drop }) => {
  let mine = '';
  let elsewhere = '';

  beforeAll(async () => {
    mine = await namespace();
    elsewhere = await namespace();
    await apply(api, parseObjects(shop(mine, elsewhere)));
    await settle(api, { namespace: mine });
    await settle(api, { namespace: elsewhere });
  });
  afterAll(async () => {
    await drop(mine);
    await drop(elsewhere);
  });

  const read = (options: Parameters<typeof readCluster>[0] = {}) =>
    readCluster({ kubeconfig, ...options }, testPorts());

  it('reads every namespace, pruned, in order', async () => {
    const snapshot = await read({ namespaces: 'all' });
    expect(snapshot.source).toEqual({ kind: 'cluster', context: 'test', version: 'v1.36.3' });
    expect(snapshot.scope).toBeNull();
    expect(names(snapshot, 'pods', mine)).toHaveLength(1);
    const deployment = snapshot.objects.get('deployments.apps')?.find(({ metadata }) => metadata.namespace === mine);
    expect(deployment).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'orders', annotations: { 'msvc.dev/context': 'sales' } },
      spec: { template: { spec: { containers: [{ readinessProbe: { httpGet: { path: '/health/ready' } } }] } } },
      status: { readyReplicas: 1 },
    });
    expect(deployment?.metadata.managedFields?.[0]).toEqual({
      manager: 'kubectl',
      operation: 'Apply',
      time: expect.any(String),
    });
    const replicaSet = snapshot.objects.get('replicasets.apps')?.find(({ metadata }) => metadata.namespace === mine);
    expect(replicaSet?.metadata.ownerReferences?.[0]?.name).toBe('orders');
    const order = (snapshot.objects.get('services') ?? []).map(
      ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    );
    expect(order).toEqual([...order].sort());
    expect(JSON.stringify([...snapshot.objects.values()])).not.toContain('never-read');
  });

  it('reads one namespace, and those that its addresses lead to', async () => {
    const snapshot = await read({ namespaces: [mine] });
    expect(snapshot.scope).toEqual([mine]);
    expect(names(snapshot, 'deployments.apps').sort()).toEqual(['collector', 'orders']);
    expect(outcomes(snapshot, 'deployments.apps')).toEqual([`${mine}: ok`, `${elsewhere}: ok`]);
    expect(outcomes(snapshot, 'services')).toEqual([`${mine}: ok`, 'ok']);
    expect(outcomes(snapshot, 'destinationrules.networking.istio.io')).toEqual(['absent']);
  });

  it('reads only what it is asked for and lists the rest as skipped', async () => {
    const snapshot = await read({ namespaces: [mine], parts: new Set(['services']) });
    expect([...snapshot.objects.keys()]).toEqual(['services']);
    expect(outcomes(snapshot, 'pods')).toEqual(['skipped']);
  });

  it('pages through lists longer than one answer', async () => {
    const many = await namespace();
    const path = `/api/v1/namespaces/${many}/configmaps`;
    const all = Array.from({ length: 1201 }, (_, index) => `entry-${index}`);
    for (let start = 0; start < all.length; start += 100) {
      await Promise.all(all.slice(start, start + 100).map((name) => api.send('POST', path, { metadata: { name } })));
    }
    const snapshot = await read({ namespaces: [many], parts: new Set(['configmaps']) });
    expect(
      names(snapshot, 'configmaps', many)
        .filter((name) => name !== 'kube-root-ca.crt')
        .sort(),
    ).toEqual(all.sort());
    await drop(many);
  });

  it('keeps of ConfigMaps what can be settings, and is certain of nothing that the rest could have said', async () => {
    const long = await namespace();
    const megabyte = 'x'.repeat(1_000_000);
    const client = (name: string, volume: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers: [{ name: app, image: "example.test/app:1", volumeMounts: [{ name: files, mountPath: /files }] }]
      volumes: [{ name: files, configMap: { name: ${volume} } }]
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80 }] }
`;
    const settings = (name: string, file: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { URL: 'http://stock', file },
    });
    await apply(api, [...parseObjects(client('web', 'short')), settings('short', 'a: 1'), settings('long', megabyte)], {
      namespace: long,
    });
    await settle(api, { namespace: long });
    const judge = async () => {
      const snapshot = await read({ namespaces: [long] });
      const { results } = runChecks(snapshot, { startedAt: '', today: '2026-01-01' });
      const discovery = results.find(({ check }) => check === 'service-discovery');
      return { snapshot, discovery };
    };
    // Nobody is given the long one.
    const before = await judge();
    expect(outcomes(before.snapshot, 'configmaps')).toEqual([`${long}: ok`]);
    expect(before.discovery).toMatchObject({ status: 'pass' });
    const kept = before.snapshot.objects.get('configmaps')?.find(({ metadata }) => metadata.name === 'long');
    expect(kept?.data).toEqual({ URL: 'http://stock' });

    await apply(api, parseObjects(client('web', 'long')), { namespace: long });
    await settle(api, { namespace: long });
    const after = await judge();
    expect(after.snapshot.reads.find(({ resource }) => resource === 'configmaps')).toMatchObject({
      namespace: long,
      outcome: 'partial',
      detail: 'too long to be kept whole: long',
    });
    expect(after.discovery).toMatchObject({ status: 'unknown' });
    expect(after.discovery?.message).toContain(`configmaps in ${long}: partial`);
    await drop(long);
  });

  it('gives a person who may see one namespace what is in it, and says what else was forbidden', async () => {
    const role = await clusterRole(api, printRole('namespaced'));
    const { kubeconfig: theirs } = await identity(api, { namespace: mine, name: 'tenant', roles: [role] });
    const snapshot = await readCluster({ kubeconfig: theirs }, testPorts());
    expect(snapshot.scope).toEqual([mine]);
    expect(names(snapshot, 'pods')).toHaveLength(1);
    expect(outcomes(snapshot, 'services')).toEqual([`${mine}: ok`, 'forbidden']);
    expect(outcomes(snapshot, 'daemonsets.apps')).toEqual(['forbidden', `${mine}: ok`]);
    expect(outcomes(snapshot, 'nodes')).toEqual(['forbidden']);
    // The address names a namespace that nobody told them of: what is asked there is refused, not invented.
    expect(outcomes(snapshot, 'pods')).toEqual([`${mine}: ok`]);

    const { permissions } = await canI({ kubeconfig: theirs }, testPorts());
    const answers = (part: string) => permissions.filter((one) => one.part === part).map(({ answer }) => answer);
    expect(answers('pods')).toEqual(['yes']);
    expect(answers('services')).toEqual(['yes', 'no']);
    expect(answers('nodes')).toEqual(['no']);
    expect(answers('destinationrules.networking.istio.io')).toEqual([]);
  });

  it('needs nothing that the printed cluster role does not give', async () => {
    const role = await clusterRole(api, printRole('cluster'));
    const { kubeconfig: theirs } = await identity(api, { namespace: mine, name: 'reader', clusterRoles: [role] });
    const snapshot = await readCluster({ kubeconfig: theirs, namespaces: 'all' }, testPorts());
    expect(snapshot.reads.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'absent')).toEqual([]);
  });

  it('reads every kind of the table where it is served', async () => {
    const kinds = resources.filter(({ group }) => group.includes('.') && !builtIn.has(group));
    const applied: Applied = await apply(
      api,
      definitions(
        kinds.map(({ reach, ...kind }) => ({ ...kind, scope: reach === 'cluster' ? 'Cluster' : 'Namespaced' })),
      ),
    );
    try {
      const rule = { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name: 'orders' } };
      await apply(api, [{ ...rule, spec: { host: 'orders' } }], { namespace: mine });
      const snapshot = await read({ namespaces: 'all' });
      expect(snapshot.reads.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(snapshot.objects.get('destinationrules.networking.istio.io')).toEqual([
        expect.objectContaining({ kind: 'DestinationRule', spec: { host: 'orders' } }),
      ]);
    } finally {
      await applied.wipe();
    }
  });

  it('proves nothing by objects that do not fit what is known of their kind', async () => {
    const kind = { group: 'keda.sh', versions: ['v1alpha1'], kind: 'ScaledObject', plural: 'scaledobjects' };
    const applied = await apply(api, definitions([kind]));
    const strange = [null, 'text', 7, [], { triggers: 'none' }, { triggers: [{}] }].map((spec, index) => ({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: `strange-${index}` },
      ...(spec !== null && { spec }),
    }));
    await apply(api, strange, { namespace: mine });
    const snapshot = await read({ namespaces: [mine] });
    expect(names(snapshot, 'scaledobjects.keda.sh')).toHaveLength(strange.length);
    expect(snapshot.reads.find(({ resource }) => resource === 'scaledobjects.keda.sh')).toMatchObject({
      outcome: 'partial',
      detail: '3 with a spec of no shape',
    });
    const judge = (of: Snapshot) =>
      runChecks(of, { startedAt: '', today: '2026-01-01' }).results.map(({ check, subject, status }) =>
        [check, subject.name, status].join(' '),
      );
    const without = new Map([...snapshot.objects].filter(([part]) => part !== 'scaledobjects.keda.sh'));
    expect(judge(snapshot)).toEqual(judge({ ...snapshot, objects: without }));
    await applied.wipe();
  });

  it('proves nothing absent where a kind is served only in a version that it does not know', async () => {
    const applied = await apply(
      api,
      definitions([{ group: 'keda.sh', versions: ['v9'], kind: 'ScaledObject', plural: 'scaledobjects' }]),
    );
    const snapshot = await read({ namespaces: 'all', parts: new Set(['scaledobjects.keda.sh']) });
    expect(snapshot.reads.filter(({ outcome }) => outcome !== 'skipped')).toEqual([
      {
        resource: 'scaledobjects.keda.sh',
        outcome: 'error',
        count: 0,
        detail: 'served only as v9, which is not understood',
      },
    ]);
    await applied.wipe();
  });
});

const builtIn = new Set(['discovery.k8s.io', 'networking.k8s.io']);
