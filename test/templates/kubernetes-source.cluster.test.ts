import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import {
  type Access,
  readAccess,
} from '../../templates/features/discovery/once/src/platform/discovery/kubernetes/access.ts';
import { readTarget } from '../../templates/features/discovery/once/src/platform/discovery/kubernetes/slices.ts';
import { kubernetesSource } from '../../templates/features/discovery/once/src/platform/discovery/kubernetes-source.ts';
import { type Fault, faultProxy } from '../cluster/fault-proxy.ts';
import { identity } from '../cluster/identities.ts';
import { until } from '../cluster/until.ts';
import { describeCluster } from '../cluster/use-cluster.ts';

const mergePatch = 'application/merge-patch+json';

describeCluster('pods found by watching EndpointSlices on a real API server', (cluster) => {
  let namespace: string;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    namespace = await cluster.namespace();
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const slicesPath = () => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

  /** A slice as a controller writes it, with these addresses and port 3000, named http. */
  const putSlice = (service: string, name: string, addresses: readonly string[], more: object = {}) =>
    cluster.api.send('POST', slicesPath(), {
      metadata: { name, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 3000 }],
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ...more,
    });

  const setAddresses = (name: string, addresses: readonly string[]) =>
    cluster.api.send(
      'PATCH',
      `${slicesPath()}/${name}`,
      { endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })) },
      mergePatch,
    );

  const access = (more: Partial<Access> = {}): Access => {
    const { server, ca, token } = cluster.api.access;
    return { server, ca, namespace, token: async () => token, ...more };
  };

  function watch(service: string, from: Access = access(), options: { watchSeconds?: number } = {}) {
    const told: { origins?: readonly string[]; error?: string; errors: string[]; lists: number } = {
      errors: [],
      lists: 0,
    };
    const source = kubernetesSource(from, readTarget(new URL(`http://${service}`), from.namespace), options);
    closing.push(
      source.watch({
        found: (origins) => {
          told.origins = [...origins].sort();
          told.lists += 1;
          delete told.error;
        },
        failed: ({ message }) => {
          told.error = message;
          told.errors.push(message);
        },
      }),
    );
    const finds = (...hosts: string[]) => {
      const expected = JSON.stringify(hosts.map((host) => `http://${host}:3000`));
      return until(`${service} to be at ${hosts}`, async () => JSON.stringify(told.origins) === expected);
    };
    const says = (what: RegExp) => until(`${service} to say ${what}`, async () => what.test(told.error ?? ''));
    return { told, finds, says };
  }

  async function proxied(choose: (path: string) => Fault | undefined) {
    const proxy = await faultProxy(cluster.api.access, choose);
    closing.push(() => proxy.close());
    return { ...proxy, watches: () => proxy.asked.filter((path) => path.includes('watch=true')) };
  }

  it('tells the pods of a Service, and leaves one out that ends while it still is there', async () => {
    const labels = { app: 'pods' };
    await cluster.api.send('POST', `/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: 'pods' },
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: 3000, targetPort: 3000 }] },
    });
    const { told } = watch('pods');
    await until('an empty list', async () => told.origins?.length === 0);
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    for (const name of ['one', 'two']) {
      await cluster.api.send('POST', pods, {
        // So that it stays, as a pod does for its grace period.
        metadata: { name, labels, finalizers: ['test.msvc.dev/stays'] },
        spec: { containers: [{ name: 'app', image: 'app', ports: [{ containerPort: 3000 }] }] },
      });
    }
    await until('both pods', async () => told.origins?.length === 2);

    const { status } = await cluster.api.get(`${pods}/one`);
    await cluster.api.send('DELETE', `${pods}/one`);
    await until('one is out', async () => told.origins?.length === 1);
    expect(told.origins).not.toContain(`http://${status.podIP}:3000`);
    expect((await cluster.api.get(`${pods}/one`)).metadata.deletionTimestamp).toBeDefined();

    await cluster.api.send('DELETE', `${pods}/two`);
    await until('the last two, which still serve', async () => told.origins?.length === 2);
    for (const name of ['one', 'two'])
      await cluster.api.send('PATCH', `${pods}/${name}`, { metadata: { finalizers: null } }, mergePatch);
    await until('nobody', async () => told.origins?.length === 0);
    expect(told.error).toBeUndefined();
  });

  it('takes all slices of a Service together, and its changes', async () => {
    await putSlice('many', 'many-1', ['10.0.0.1', '10.0.0.2']);
    const { finds } = watch('many');
    await finds('10.0.0.1', '10.0.0.2');
    await putSlice('many', 'many-2', ['10.0.0.3']);
    await putSlice('others', 'others-1', ['10.9.9.9']);
    await putSlice('many', 'many-6', ['2001:db8::1'], { addressType: 'IPv6' });
    await finds('10.0.0.1', '10.0.0.2', '10.0.0.3');
    await setAddresses('many-1', ['10.0.0.2']);
    await finds('10.0.0.2', '10.0.0.3');
    await cluster.api.send('DELETE', `${slicesPath()}/many-1`);
    await finds('10.0.0.3');
  });

  it('does not take a Service that is not there for one without pods, and sees it come', async () => {
    const { told, says, finds } = watch('later');
    await says(new RegExp(`no pods of a Service later in the namespace ${namespace}`));
    expect(told.origins).toBeUndefined();
    await putSlice('later', 'later-1', ['10.0.1.1']);
    await finds('10.0.1.1');
  });

  it('keeps the list while the API server is away, and is back with what it missed', async () => {
    await putSlice('cut', 'cut-1', ['10.0.2.1']);
    let isAway = false;
    const proxy = await proxied(() => (isAway ? 'reset' : undefined));
    const { told, finds, says } = watch('cut', access({ server: proxy.server }));
    await finds('10.0.2.1');
    await until('a watch', async () => proxy.watches().length > 0);
    isAway = true;
    proxy.cut();
    await says(/./);
    await setAddresses('cut-1', ['10.0.2.2']);
    expect(told.origins).toEqual(['http://10.0.2.1:3000']);
    isAway = false;
    await finds('10.0.2.2');
    expect(told.error).toBeUndefined();
    expect(proxy.asked.filter((path) => !path.includes('watch=true'))).toHaveLength(1);
  });

  it('does not call it a fault where a watch breaks off and the next one begins', async () => {
    await putSlice('broken-off', 'broken-off-1', ['10.0.7.1']);
    const proxy = await proxied(() => undefined);
    const { told, finds } = watch('broken-off', access({ server: proxy.server }));
    await finds('10.0.7.1');
    // The first tells a list, and so does every watch that begins.
    for (const lists of [2, 3]) {
      await until('a watch', async () => told.lists >= lists);
      proxy.cut();
    }
    await setAddresses('broken-off-1', ['10.0.7.2']);
    await finds('10.0.7.2');
    expect(told.errors).toEqual([]);
  });

  it.each([410, 'expired'] as const)('reads everything anew where a watch cannot go on (%s)', async (fault) => {
    const service = `gone-${fault}`;
    await putSlice(service, `${service}-1`, ['10.0.3.1']);
    let isGone = false;
    const proxy = await proxied((path) => (isGone && path.includes('watch=true') ? fault : undefined));
    const { told, finds } = watch(service, access({ server: proxy.server }));
    await finds('10.0.3.1');
    isGone = true;
    proxy.cut();
    await until('it was told so', async () => proxy.watches().length > 1);
    await setAddresses(`${service}-1`, ['10.0.3.2']);
    await finds('10.0.3.2');
    isGone = false;
    await setAddresses(`${service}-1`, ['10.0.3.3']);
    await finds('10.0.3.3');
    expect(told.errors).toEqual([]);
  });

  it('goes on from a bookmark, and reads no list again', async () => {
    await putSlice('quiet', 'quiet-1', ['10.0.4.1']);
    const proxy = await proxied(() => undefined);
    const { told, finds } = watch('quiet', access({ server: proxy.server }), { watchSeconds: 4 });
    await finds('10.0.4.1');
    await putSlice('busy', 'busy-1', ['10.0.5.1']);
    const versions = () =>
      new Set(proxy.watches().map((path) => new URL(path, 'http://x').searchParams.get('resourceVersion')));
    await until('it goes on from another version', async () => versions().size > 1);
    expect(proxy.asked.filter((path) => !path.includes('watch=true'))).toHaveLength(1);
    expect(told.error).toBeUndefined();
  });

  it('says that it has no rights, and which; given them it goes on, with a token that is read anew', async () => {
    await putSlice('secured', 'secured-1', ['10.0.6.1']);
    const { token } = await identity(cluster.api, { namespace, name: 'caller' });
    const folder = await mkdtemp(join(tmpdir(), 'msvc-account-'));
    closing.push(() => rm(folder, { recursive: true }));
    const { server, ca } = cluster.api.access;
    for (const [name, text] of Object.entries({ 'ca.crt': ca, namespace, token: 'expired' }))
      await writeFile(join(folder, name), `${text}\n`);
    const { hostname, port } = new URL(server);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const { told, says, finds } = watch('secured', readAccess(env, folder));
    await says(/answered 401/);
    await writeFile(join(folder, 'token'), `${token}\n`);
    await says(/answered 403: .*endpointslices.* is forbidden: User ".*:caller" cannot list/);
    expect(told.origins).toBeUndefined();

    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await cluster.api.send('POST', `${rbac}/roles`, {
      metadata: { name: 'watching' },
      rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] }],
    });
    await cluster.api.send('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'watching' },
      subjects: [{ kind: 'ServiceAccount', name: 'caller', namespace }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'watching' },
    });
    await finds('10.0.6.1');
    expect(told.error).toBeUndefined();
  });
});
