import { randomBytes } from 'node:crypto';
import { describe, inject } from 'vitest';
import { type Api, ApiError, api } from './api.ts';
import { until } from './until.ts';

export interface SharedCluster {
  api: Api;
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** A namespace nobody else uses; gone with the cluster, or by `drop`. */
  namespace(labels?: Record<string, string>): Promise<string>;
  drop(namespace: string): Promise<void>;
}

/**
 * A suite on the shared cluster of the run. Where this machine can have none it is skipped and its title says why.
 * DaemonSets, definitions and nodes are seen by every suite: a suite that makes them wipes them.
 */
export function describeCluster(title: string, suite: (cluster: SharedCluster) => void): void {
  const shared = inject('cluster');
  if ('missing' in shared) describe.skip(`${title} (${shared.missing})`, () => suite(absent));
  else describe(title, () => suite(connect(shared.access, shared.kubeconfig)));
}

function connect(access: Api['access'], kubeconfig: string): SharedCluster {
  const client = api(access);
  return {
    api: client,
    kubeconfig,
    namespace: async (labels = {}) => {
      const name = `test-${randomBytes(4).toString('hex')}`;
      await client.send('POST', '/api/v1/namespaces', { metadata: { name, labels } });
      // What controllers put into every namespace.
      for (const path of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'])
        await until(
          `${path} in ${name}`,
          async () => !(await isGone(client.get(`/api/v1/namespaces/${name}/${path}`))),
        );
      return name;
    },
    drop: async (name) => {
      const path = `/api/v1/namespaces/${name}`;
      await client.send('DELETE', path);
      // A DaemonSet in it is evidence for the whole cluster: the next suite must not see it.
      await until(`${path} to be gone`, async () => isGone(client.get(path)), { timeout: 120_000 });
    },
  };
}

const isGone = (answer: Promise<unknown>): Promise<boolean> =>
  answer.then(
    () => false,
    (error) => {
      if (error instanceof ApiError && error.status === 404) return true;
      throw error;
    },
  );

const nothing = (): never => {
  throw new Error('skipped suites have no cluster');
};
const absent = { api: undefined as unknown as Api, kubeconfig: '', namespace: nothing, drop: nothing };
