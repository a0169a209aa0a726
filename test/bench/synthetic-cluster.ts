import type { Api, Json } from '../cluster/api.ts';

export interface Size {
  services: number;
  pods: number;
}

const namespaceCount = 20;
const inFlight = 64;

/**
 * Fills an API server that has no controllers: per service a Deployment, its ReplicaSet, a Service, its slice, a ConfigMap
 * and its share of the pods, with what real ones carry: owners, probes, variables, statuses, managed fields.
 *
 * @returns how many objects were written
 */
export async function fill(cluster: Api, { services, pods }: Size, from = 0): Promise<number> {
  let written = 0;
  const post = async (path: string, object: Json): Promise<Json> => {
    written++;
    return cluster.send('POST', `${path}?fieldManager=kubectl`, object);
  };
  if (from === 0)
    await Promise.all(Array.from({ length: namespaceCount }, (_, index) => namespace(post, `team-${index}`)));
  const perService = pods / services;
  await inTurn(services, async (step) => {
    const index = from + step;
    const first = Math.round(step * perService);
    await service(cluster, post, index, services, Math.round((step + 1) * perService) - first);
  });
  return written;
}

type Post = (path: string, object: Json) => Promise<Json>;

async function namespace(post: Post, name: string): Promise<void> {
  await post('/api/v1/namespaces', { metadata: { name } });
  // Admission asks for it; the controller that makes it is not here.
  await post(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
}

async function service(cluster: Api, post: Post, index: number, services: number, pods: number): Promise<void> {
  const name = `service-${index}`;
  const namespace = `team-${index % namespaceCount}`;
  const labels = { app: name, 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': namespace };
  const core = `/api/v1/namespaces/${namespace}`;
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const template = { metadata: { labels }, spec: podSpec(index, services) };

  const [deployment] = await Promise.all([
    post(`${apps}/deployments`, {
      metadata: { name, labels, annotations: { 'msvc.dev/context': namespace } },
      spec: { replicas: pods, selector: { matchLabels: { app: name } }, template },
    }),
    post(`${core}/configmaps`, {
      metadata: { name },
      data: { 'application.yaml': 'log:\n  level: info\n'.repeat(20) },
    }),
    post(`${core}/services`, {
      metadata: { name, labels },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 3000 }] },
    }),
  ]);
  const set = await replicaSet(post, apps, deployment, template, labels);
  const names = Array.from(
    { length: pods },
    (_, number) => `${name}-5d9f8b7c6d-${number.toString(36).padStart(5, 'x')}`,
  );
  await Promise.all(
    names.map((pod, number) => runningPod(cluster, post, core, pod, set, template, index * 8 + number)),
  );
  await post(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    metadata: { name: `${name}-abcde`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 3000, protocol: 'TCP' }],
    endpoints: names.map((pod, number) => ({
      addresses: [address(index * 8 + number)],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `node-${number}`,
      targetRef: { kind: 'Pod', name: pod, namespace },
    })),
  });
}

async function replicaSet(post: Post, apps: string, deployment: Json, template: Json, labels: Json): Promise<Json> {
  const { name, uid } = deployment.metadata;
  const hashed = { ...labels, 'pod-template-hash': '5d9f8b7c6d' };
  return post(`${apps}/replicasets`, {
    metadata: {
      name: `${name}-5d9f8b7c6d`,
      labels: hashed,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
    },
    spec: { selector: { matchLabels: hashed }, template: { ...template, metadata: { labels: hashed } } },
  });
}

async function runningPod(
  cluster: Api,
  post: Post,
  core: string,
  name: string,
  set: Json,
  template: Json,
  number: number,
): Promise<void> {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: set.metadata.name,
    uid: set.metadata.uid,
    controller: true,
  };
  await post(`${core}/pods`, {
    metadata: { name, labels: template.metadata.labels, ownerReferences: [owner] },
    spec: { ...template.spec, nodeName: `node-${number % 10}` },
  });
  const at = '2026-01-01T00:00:00Z';
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  await cluster.send(
    'PATCH',
    `${core}/pods/${name}/status`,
    {
      status: {
        phase: 'Running',
        podIP: address(number),
        podIPs: [{ ip: address(number) }],
        hostIP: '192.0.2.100',
        startTime: at,
        conditions: conditions.map((type) => ({ type, status: 'True', lastTransitionTime: at })),
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
      },
    },
    'application/strategic-merge-patch+json',
  );
}

const address = (number: number) => `10.${244 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;

function podSpec(index: number, services: number): Json {
  const calls = [1, 7, 31].map((step) => (index + step) % services);
  const probe = (path: string) => ({ httpGet: { path, port: 'http' }, periodSeconds: 10, failureThreshold: 3 });
  return {
    containers: [
      {
        name: 'app',
        image: `registry.example.test/team/service-${index}:1.4.${index % 10}`,
        ports: [{ name: 'http', containerPort: 3000 }],
        env: [
          ...calls.map((call) => ({
            name: `SERVICE_${call}_URL`,
            value: `http://service-${call}.team-${call % namespaceCount}`,
          })),
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector.observability:4318' },
          { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: `service-${index}`, key: 'url' } } },
        ],
        envFrom: [{ configMapRef: { name: `service-${index}` } }],
        readinessProbe: probe('/health/ready'),
        livenessProbe: probe('/health/live'),
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
      },
    ],
  };
}

async function inTurn(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, worker));
}
