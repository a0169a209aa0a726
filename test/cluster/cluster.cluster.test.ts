import { expect, it } from 'vitest';
import { apply, parseObjects } from './apply.ts';
import { settle } from './settle.ts';
import { describeCluster } from './use-cluster.ts';

const workload = (name: string, behaviour: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }, annotations: { test.msvc.dev/pod: ${behaviour} } }
    spec: { containers: [{ name: app, image: "example.test/${name}:1" }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, targetPort: 3000 }] }
`;

describeCluster('the test cluster', (cluster) => {
  it('rolls out what is applied, with endpoints as ready as the pods', async () => {
    const namespace = await cluster.namespace();
    const yaml = `${workload('fine', 'ready')}---${workload('stuck', 'crashing')}`;
    await apply(cluster.api, parseObjects(yaml), { namespace });
    await settle(cluster.api, { namespace });

    const ready = async (name: string) => {
      const query = `labelSelector=kubernetes.io/service-name%3D${name}`;
      const { items } = await cluster.api.get(
        `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${query}`,
      );
      return items[0].endpoints.map((endpoint: { conditions: { ready: boolean } }) => endpoint.conditions.ready);
    };
    expect(await ready('fine')).toEqual([true, true]);
    expect(await ready('stuck')).toEqual([false, false]);
    await cluster.drop(namespace);
  });

  it('gives a StatefulSet its volumes, finishes Jobs, puts a DaemonSet on every node', async () => {
    const namespace = await cluster.namespace();
    const applied = await apply(
      cluster.api,
      parseObjects(`
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: store }
spec:
  serviceName: store
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec: { containers: [{ name: store, image: "example.test/store:1" }] }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: once, image: "example.test/once:1" }] } } }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: "example.test/agent:1" }] }
`),
      { namespace },
    );
    await settle(cluster.api, { namespace });

    const { items } = await cluster.api.get(`/api/v1/namespaces/${namespace}/pods`);
    const nodesOf = (app: string) =>
      items.filter((pod: Pod) => pod.metadata.labels.app === app).map((pod: Pod) => pod.spec.nodeName);
    expect(nodesOf('agent').sort()).toEqual(['node-0', 'node-1']);
    expect(nodesOf('store')).toHaveLength(1);
    const job = await cluster.api.get(`/apis/batch/v1/namespaces/${namespace}/jobs/once`);
    expect(job.status.succeeded).toBe(1);

    await applied.wipe();
    expect((await cluster.api.get(`/api/v1/namespaces/${namespace}/pods`)).items).toEqual([]);
    await cluster.drop(namespace);
  });
});

interface Pod {
  metadata: { labels: Record<string, string> };
  spec: { nodeName: string };
}
