import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCluster } from '../../../../src/check/sources/cluster/cluster.ts';
import { type Resource, resources } from '../../../../src/check/sources/resources/resources.ts';
import type { Snapshot } from '../../../../src/check/sources/snapshot.ts';
import { testPorts } from '../../../cli/support/test-ports.ts';
import { apply, parseObjects } from '../../../cluster/apply.ts';
import { type Fault, faultProxy } from '../../../cluster/fault-proxy.ts';
import { kubeconfigFile } from '../../../cluster/identities.ts';
import { adminKubeconfig } from '../../../cluster/kubeconfig.ts';
import { settle } from '../../../cluster/settle.ts';
import { describeCluster } from '../../../cluster/use-cluster.ts';

const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders }
spec:
  replicas: 2
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders } }
    spec: { containers: [{ name: orders, image: "example.test/orders:1" }] }
---
apiVersion: v1
kind: Service
metadata: { name: orders }
spec: { selector: { app: orders }, ports: [{ port: 80, targetPort: 3000 }] }
`;

const paths = ({ group, versions, plural }: Resource, namespace: string) => {
  const base = group === '' ? '/api' : `/apis/${group}`;
  return versions.flatMap((version) => [
    `${base}/${version}/${plural}`,
    `${base}/${version}/namespaces/${namespace}/${plural}`,
  ]);
};
const builtIn = resources.filter(
  ({ group }) => !group.includes('.') || /^(discovery|networking)\.k8s\.io$/.test(group),
);

describeCluster('reading through faults', ({ api, namespace, drop }) => {
  let mine = '';
  let whole: Snapshot;

  beforeAll(async () => {
    mine = await namespace();
    await apply(api, parseObjects(shop), { namespace: mine });
    await settle(api, { namespace: mine });
    ({ snapshot: whole } = await readWith(() => undefined));
  });
  afterAll(() => drop(mine));

  // Silence is told from slowness by time alone: enough of it for a busy machine, except where nothing else is asked.
  async function readWith(choose: (path: string) => Fault | undefined, idle = 60_000) {
    const proxy = await faultProxy(api.access, choose);
    const kubeconfig = kubeconfigFile(adminKubeconfig(api.access, { server: proxy.server }));
    try {
      const snapshot = await readCluster({ kubeconfig, namespaces: [mine], idle }, testPorts());
      return { snapshot, asked: proxy.asked };
    } finally {
      await proxy.close();
      await rm(dirname(kubeconfig), { recursive: true });
    }
  }

  /** The fault at one list, wherever it is asked for, and nowhere else. */
  const at = (resource: Resource, fault: Fault) => {
    const faulty = new Set(paths(resource, mine));
    const choose = (path: string) => (faulty.has(path.split('?')[0] ?? '') ? fault : undefined);
    return readWith(choose);
  };
  const names = (snapshot: Snapshot, part: string) =>
    (snapshot.objects.get(part) ?? [])
      .filter(({ metadata }) => metadata.namespace === mine)
      .map(({ metadata }) => metadata.name);
  const settled = ({ outcome }: { outcome: string }) => outcome === 'ok' || outcome === 'absent';

  // The other faults end in the same two outcomes; what they do to verdicts is tested there.
  it.each<Fault>([403, 404, 410, 'cut'])(
    '%s at any list is in the ledger, proves nothing absent and changes no other list',
    async (fault) => {
      const runs = await Promise.all(builtIn.map(async (resource) => ({ resource, ...(await at(resource, fault)) })));
      for (const { resource, snapshot } of runs) {
        const where = `${fault} at ${resource.part}`;
        // What addresses and agents lead to is read in their namespaces too, and the fault is not there.
        const isHere = ({ namespace: where }: { namespace?: string }) => where === undefined || where === mine;
        const hit = snapshot.reads.filter((read) => read.resource === resource.part && isHere(read));
        expect(hit.length, where).toBeGreaterThan(0);
        expect(hit.filter(settled), where).toEqual([]);
        expect(
          hit.every(({ outcome }) => (fault === 403 ? outcome === 'forbidden' : outcome === 'error')),
          where,
        ).toBe(true);
        for (const { part } of builtIn) {
          if (part === resource.part) expect(names(snapshot, part), where).toEqual([]);
          else expect(names(snapshot, part), `${part} with ${where}`).toEqual(names(whole, part));
        }
        const others = snapshot.reads.filter((read) => read.resource !== resource.part);
        expect(
          others.filter((read) => !settled(read)),
          where,
        ).toEqual([]);
      }
    },
  );

  it.each<Fault>([429, 500, 'reset', 'truncated', 'cut'])('%s that passes is not felt', async (fault) => {
    const seen = new Map<string, number>();
    const { snapshot } = await readWith((path) => {
      seen.set(path, (seen.get(path) ?? 0) + 1);
      return path.includes('limit=') && seen.get(path) === 1 ? fault : undefined;
    });
    expect(snapshot.reads.filter((read) => !settled(read))).toEqual([]);
    expect(names(snapshot, 'pods')).toEqual(names(whole, 'pods'));
  });

  it('starts again when a list expires between two pages', async () => {
    const path = `/api/v1/namespaces/${mine}/configmaps`;
    await Promise.all(
      Array.from({ length: 600 }, (_, index) => api.send('POST', path, { metadata: { name: `c-${index}` } })),
    );
    let expired = 0;
    const { snapshot, asked } = await readWith((url) =>
      url.includes('continue=') && expired++ === 0 ? 410 : undefined,
    );
    expect(new Set(names(snapshot, 'configmaps')).size).toBe(names(snapshot, 'configmaps').length);
    expect(names(snapshot, 'configmaps').filter((name) => name.startsWith('c-'))).toHaveLength(600);
    expect(asked.filter((url) => url.startsWith(`${path}?`))).toHaveLength(4);
    expect(snapshot.reads.filter((read) => !settled(read))).toEqual([]);

    const { snapshot: partial } = await readWith((url) => (url.includes('continue=') ? 500 : undefined));
    const read = partial.reads.find(({ resource }) => resource === 'configmaps');
    expect(read).toMatchObject({ outcome: 'partial', count: 500, namespace: mine });
  });

  it('without discovery asks for what every cluster has, and proves nothing else absent', async () => {
    const { snapshot } = await readWith((path) => (path === '/apis' || path === '/api' ? 403 : undefined));
    expect(names(snapshot, 'pods')).toEqual(names(whole, 'pods'));
    expect(snapshot.reads.filter(({ outcome }) => outcome === 'absent')).toEqual([]);
    expect(snapshot.reads.find(({ resource }) => resource === 'rollouts.argoproj.io')?.outcome).toBe('error');
    expect(snapshot.served).toBeUndefined();
  });

  it('reads a server older than aggregated discovery as it reads a new one', async () => {
    const [{ snapshot: modern }, { snapshot, asked }] = [
      await readWith(() => undefined),
      await readWith(() => 'plain'),
    ];
    expect(asked).toContain('/apis/apps/v1');
    expect(asked.filter((path) => path.startsWith('/apis/rbac.'))).toEqual([]);
    expect(snapshot.reads).toEqual(modern.reads);
    for (const { part } of builtIn) expect(names(snapshot, part), part).toEqual(names(modern, part));
    // Groups that nobody asks about are named, and what is in them stays open.
    const { resources: all = [], unanswered = [] } = snapshot.served ?? {};
    const isOpen = (resource: string): boolean => unanswered.includes(resource.split('.').slice(1).join('.'));
    expect(unanswered).toContain('rbac.authorization.k8s.io');
    expect(all).toContain('deployments.apps');
    expect(all).toEqual(modern.served?.resources.filter((resource) => !isOpen(resource)));
    expect(modern.served?.unanswered).toEqual([]);
    // A group that is named and does not answer is not absent.
    const { snapshot: broken } = await readWith((path) => (path === '/apis/policy/v1' ? 500 : 'plain'));
    expect(broken.reads.find(({ resource }) => resource === 'poddisruptionbudgets.policy')).toMatchObject({
      outcome: 'error',
      detail: 'policy/v1 did not answer the API server',
    });
    expect(broken.served?.unanswered).toContain('policy');
  });

  it.each<[Fault, string]>([
    [500, 'CLUSTER_UNREADABLE'],
    [404, 'CLUSTER_UNREADABLE'],
    ['reset', 'CLUSTER_UNREACHABLE'],
    ['cut', 'CLUSTER_UNREADABLE'],
    ['slow', 'CLUSTER_TIMEOUT'],
  ])('%s at the first word is %s', async (fault, code) => {
    await expect(
      readWith((path) => (path === '/apis' ? fault : undefined), fault === 'slow' ? 1000 : undefined),
    ).rejects.toMatchObject({
      code,
      exitCode: 4,
    });
  });

  it('ends at its deadline with what it has', async () => {
    const proxy = await faultProxy(api.access, (path) => (path.includes('/pods?') ? 'slow' : undefined));
    const kubeconfig = kubeconfigFile(adminKubeconfig(api.access, { server: proxy.server }));
    const parts = new Set(['pods', 'services']);
    const snapshot = await readCluster({ kubeconfig, namespaces: [mine], parts, deadline: 10_000 }, testPorts());
    expect(snapshot.reads.find(({ resource }) => resource === 'pods')).toMatchObject({
      outcome: 'error',
      namespace: mine,
    });
    expect(names(snapshot, 'services')).toEqual(names(whole, 'services'));
    await proxy.close();
    await rm(dirname(kubeconfig), { recursive: true });
  });

  it('never asks for Secrets', async () => {
    const { asked } = await readWith(() => undefined);
    expect(asked.filter((path) => path.includes('secrets'))).toEqual([]);
  });
});
