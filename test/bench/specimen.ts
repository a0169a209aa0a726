import type { Api, Json } from '../cluster/api.ts';

/** What stands for what differs from copy to copy. */
export const word = {
  name: 'specimen-name',
  namespace: 'specimen-space',
  pod: 'specimen-pod',
  node: 'specimen-node',
  /** Admission gives each pod's token volume a name of its own. */
  token: 'kube-api-access-spcmn',
  calls: ['specimen-call-0', 'specimen-call-1', 'specimen-call-2'],
  /** Of a block that nobody owns (RFC 5737). */
  podIP: '203.0.113.7',
  /** Of the range that the test's API server gives out. */
  clusterIP: '10.96.255.7',
} as const;

/** One service as the API server stored it: each object with its key in etcd. */
export interface Specimen {
  /** Deployment, ReplicaSet, Service with its address, slice, ConfigMap. */
  own: readonly Stored[];
  pod: Stored;
}

export interface Stored {
  key: string;
  object: Json;
}

const { name, namespace, pod, podIP, clusterIP } = word;
const core = `/api/v1/namespaces/${namespace}`;
const apps = `/apis/apps/v1/namespaces/${namespace}`;
const at = '2026-01-01T00:00:00Z';

/**
 * Writes one service with a pod through the API server, as real ones are: owners, probes, variables, statuses, managed
 * fields; reads back what became of it, and takes it away again.
 */
export async function specimen(cluster: Api): Promise<Specimen> {
  const post = (path: string, object: Json): Promise<Json> =>
    cluster.send('POST', `${path}?fieldManager=kubectl`, object);
  await post('/api/v1/namespaces', { metadata: { name: namespace } });
  // Admission asks for it; the controller that makes it is not here.
  await post(`${core}/serviceaccounts`, { metadata: { name: 'default' } });

  const labels = { app: name, 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': namespace };
  const template = { metadata: { labels }, spec: podSpec };
  const deployment = await post(`${apps}/deployments`, {
    metadata: { name, labels, annotations: { 'msvc.dev/context': namespace } },
    spec: { replicas: 3, selector: { matchLabels: { app: name } }, template },
  });
  const hashed = { ...labels, 'pod-template-hash': '5d9f8b7c6d' };
  const set = await post(`${apps}/replicasets`, {
    metadata: { name: `${name}-5d9f8b7c6d`, labels: hashed, ownerReferences: [ownerOf('Deployment', deployment)] },
    spec: { selector: { matchLabels: hashed }, template: { ...template, metadata: { labels: hashed } } },
  });
  await post(`${core}/configmaps`, {
    metadata: { name },
    data: { 'application.yaml': 'log:\n  level: info\n'.repeat(20) },
  });
  await post(`${core}/services`, {
    metadata: { name, labels },
    spec: { clusterIP, selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 3000 }] },
  });
  await post(`${core}/pods`, {
    metadata: { name: pod, labels: hashed, ownerReferences: [ownerOf('ReplicaSet', set)] },
    spec: { ...podSpec, nodeName: word.node },
  });
  await cluster.send(
    'PATCH',
    `${core}/pods/${pod}/status`,
    { status: running },
    'application/strategic-merge-patch+json',
  );
  await post(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    metadata: { name: `${name}-abcde`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 3000, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: [podIP],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: word.node,
        targetRef: { kind: 'Pod', name: pod, namespace },
      },
    ],
  });

  const stored = async (path: string, key: string): Promise<Stored> => ({
    key: `/registry/${key}`,
    object: await cluster.get(path),
  });
  const here = `${namespace}/${name}`;
  const paths: [path: string, key: string][] = [
    // First: the server makes addresses for Services that have none.
    [`/apis/networking.k8s.io/v1/ipaddresses/${clusterIP}`, `ipaddresses/${clusterIP}`],
    [`${core}/services/${name}`, `services/specs/${here}`],
    [`${core}/configmaps/${name}`, `configmaps/${here}`],
    [`${apps}/deployments/${name}`, `deployments/${here}`],
    [`${apps}/replicasets/${name}-5d9f8b7c6d`, `replicasets/${here}-5d9f8b7c6d`],
    [`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}-abcde`, `endpointslices/${here}-abcde`],
  ];
  const own: Stored[] = [];
  for (const [path, key] of paths) own.push(await stored(path, key));
  const { key, object } = await stored(`${core}/pods/${pod}`, `pods/${namespace}/${pod}`);
  const one = { key, object: JSON.parse(JSON.stringify(object).replace(/kube-api-access-\w{5}/g, word.token)) };
  await cluster.send('DELETE', `${core}/pods/${pod}?gracePeriodSeconds=0`);
  for (const [path] of paths.slice(1)) await cluster.send('DELETE', path);
  return { own, pod: one };
}

const ownerOf = (kind: string, { metadata }: Json): Json => ({
  apiVersion: 'apps/v1',
  kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
});

const probe = (path: string) => ({ httpGet: { path, port: 'http' }, periodSeconds: 10, failureThreshold: 3 });

const podSpec = {
  containers: [
    {
      name: 'app',
      image: `registry.example.test/team/${name}:1.4.0`,
      ports: [{ name: 'http', containerPort: 3000 }],
      env: [
        ...word.calls.map((call, index) => ({ name: `DOWNSTREAM_${index}_URL`, value: `http://${call}` })),
        { name: 'LOG_LEVEL', value: 'info' },
        { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector.observability:4318' },
        { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name, key: 'url' } } },
      ],
      envFrom: [{ configMapRef: { name } }],
      readinessProbe: probe('/health/ready'),
      livenessProbe: probe('/health/live'),
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    },
  ],
};

const running = {
  phase: 'Running',
  podIP,
  podIPs: [{ ip: podIP }],
  hostIP: '192.0.2.100',
  startTime: at,
  conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: at,
  })),
  containerStatuses: [
    {
      name: 'app',
      ready: true,
      started: true,
      restartCount: 0,
      image: 'example.test/app:1',
      imageID: `sha256:${'a'.repeat(64)}`,
      state: { running: { startedAt: at } },
    },
  ],
};
