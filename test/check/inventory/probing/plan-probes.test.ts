import { expect, test } from 'vitest';
import { buildFacts } from '../../../../src/check/inventory/facts.ts';
import { planProbes } from '../../../../src/check/inventory/probing/plan-probes.ts';
import { shownRequest } from '../../../../src/check/sources/probes/planned.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';

const both = { probe: true, sampleLogs: true };

/** "readiness :3000/health/ready", one a request. */
const planned = (yaml: string, wishes = both): string[] =>
  planProbes(buildFacts(snapshotOf(objectsIn(yaml).objects)), wishes).flatMap((pod) =>
    pod.requests.map(
      (request) => `${request.purpose} ${shownRequest(pod, request).replace(/^GET .*\/pods\/([a-z]+:)?/, '$1')}`,
    ),
  );

const probes =
  'readinessProbe: { httpGet: { path: /health/ready, port: http } }, livenessProbe: { httpGet: { path: "/live?token=x", port: 3000 } }';
const app = (more = '', ports = '{ name: http, containerPort: 3000 }') =>
  `{ name: orders, image: "shop/orders:1", ports: [${ports}]${more} }`;
const orders = (more = '', podMetadata = '') => workload('orders', app(more), { podMetadata });
const http = `
apiVersion: v1
kind: Service
metadata: { name: orders, labels: { app: orders } }
spec: { selector: { app: orders }, ports: [{ name: http, port: 80, targetPort: http }] }
---
`;
const scraped = ', annotations: { prometheus.io/scrape: "true", prometheus.io/port: "9090" }';

test('what a service declares, and two paths beside it', () => {
  expect(planned(orders(`, ${probes}`, scraped) + http)).toEqual([
    'readiness orders-0:3000/proxy/health/ready',
    'liveness orders-0:3000/proxy/live?…',
    'metrics orders-0:9090/proxy/metrics',
    'contract orders-0:3000/proxy/openapi.json',
    'nowhere orders-0:3000/proxy/msvc-check-cluster/exists-nowhere',
    'logs orders-0/log?container=orders&tailLines=50&limitBytes=65536',
  ]);
});

test('only what was wished for', () => {
  const purposes = (probe: boolean, sampleLogs: boolean) =>
    planned(orders() + http, { probe, sampleLogs }).map((one) => one.split(' ')[0]);
  expect(purposes(false, true)).toEqual(['logs']);
  expect(purposes(true, false)).toEqual(['contract', 'nowhere']);
});

test('one request where two probes ask the same', () => {
  const same = 'httpGet: { path: /healthz, port: 3000 }';
  const asked = planned(orders(`, readinessProbe: { ${same} }, livenessProbe: { ${same} }`) + http);
  expect(asked.filter((one) => one.includes('/healthz'))).toEqual(['readiness orders-0:3000/proxy/healthz']);
});

test('by https where the probe says so', () => {
  const secure = ', readinessProbe: { httpGet: { path: /ready, port: 3000, scheme: HTTPS } }';
  expect(planned(orders(secure) + http)[0]).toBe('readiness https:orders-0:3000/proxy/ready');
});

test('metrics where a ServiceMonitor or a PodMonitor says that they are', () => {
  const monitor = (kind: string, endpoints: string, more = '') => `
apiVersion: monitoring.coreos.com/v1
kind: ${kind}
metadata: { name: all }
spec: { selector: { matchLabels: { app: orders } }, ${endpoints}${more} }
---
`;
  const metrics = (yaml: string) => planned(orders() + http + yaml).filter((one) => one.startsWith('metrics'));
  const endpoint = '[{ port: http, path: /actuator/prometheus }]';
  expect(metrics(monitor('ServiceMonitor', `endpoints: ${endpoint}`))).toEqual([
    'metrics orders-0:3000/proxy/actuator/prometheus?…',
  ]);
  expect(metrics(monitor('PodMonitor', `podMetricsEndpoints: ${endpoint}`))).toHaveLength(1);
  const elsewhere = ', namespaceSelector: { matchNames: [other] }';
  expect(metrics(monitor('ServiceMonitor', `endpoints: ${endpoint}`, elsewhere))).toEqual([]);
  expect(metrics(monitor('ServiceMonitor', 'endpoints: [{ port: gone }]'))).toEqual([]);
});

test('the document of the framework that the other paths speak of', () => {
  const contract = (path: string, annotations = '') =>
    planned(orders(`, readinessProbe: { httpGet: { path: ${path}, port: http } }`, annotations) + http).find((one) =>
      one.startsWith('contract'),
    );
  expect(contract('/actuator/health')).toContain('/v3/api-docs');
  expect(contract('/q/health/ready')).toContain('/q/openapi');
  expect(contract('/q/health', ', annotations: { msvc.dev/generator: "1" }')).toContain('/openapi.json');
});

test.each([
  ['a store', workload('redis', '{ name: redis, image: "redis:8" }') + serviceOf('redis', 6379)],
  ['what is scaled to none', orders().replace('spec:\n', 'spec:\n  replicas: 0\n') + http],
  ['a Service alone', http],
])('nothing of %s', (_, yaml) => {
  expect(planned(yaml)).toEqual([]);
});

test('no HTTP for gRPC, for what is no HTTP, for a probe of another host', () => {
  const grpc = http.replace('name: http, port: 80', 'name: grpc, port: 80');
  expect(planned(orders() + grpc, { probe: true, sampleLogs: false })).toEqual([]);
  const elsewhere = ', readinessProbe: { httpGet: { path: /, port: 80, host: example.test } }';
  expect(planned(orders(elsewhere) + grpc, { probe: true, sampleLogs: false })).toEqual([]);
});

test('the author’s word on metrics before that of a mesh, which writes its own over it', () => {
  const injected = `
apiVersion: v1
kind: Pod
metadata:
  name: orders-0
  labels: { app: orders }
  annotations: { prometheus.io/scrape: "true", prometheus.io/port: "15020", prometheus.io/path: /stats/prometheus }
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: orders, uid: "" }]
spec: { containers: [${app()}, { name: istio-proxy, image: "istio/proxyv2:1.27" }] }
status: { phase: Running, conditions: [{ type: Ready, status: "True" }] }
---
`;
  const metrics = (yaml: string) => planned(yaml).filter((one) => one.startsWith('metrics'));
  expect(metrics(orders('', scraped) + injected + http)).toEqual(['metrics orders-0:9090/proxy/metrics']);
  expect(metrics(orders() + injected + http)).toEqual(['metrics orders-0:15020/proxy/stats/prometheus']);
});

test('of several pods the newest that is ready', () => {
  const pod = (name: string, made: string, ready: string) => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: { app: orders }
  creationTimestamp: "2026-11-29T${made}:00:00Z"
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: orders, uid: "" }]
spec: { containers: [${app()}] }
status: { phase: Running, conditions: [{ type: Ready, status: "${ready}" }] }
---
`;
  const pods = pod('a', '08', 'True') + pod('b', '10', 'True') + pod('c', '12', 'False');
  expect(planned(orders() + pods, { probe: false, sampleLogs: true })[0]).toMatch(/^logs b\//);
});

test('of many services one pod each', () => {
  const many = ['a', 'b'].map((name) =>
    workload(name, app().replace('orders', name)).replace('spec:\n', 'spec:\n  replicas: 3\n'),
  );
  expect(planned(many.join(''), { probe: false, sampleLogs: true }).map((one) => one.split('/')[0])).toEqual([
    'logs a-0',
    'logs b-0',
  ]);
});

test.each([
  '/../../../secrets',
  '/healthz/../../../../secrets',
  '../../secrets',
  '/%2e%2E/%2e./secrets',
  '/..%2f..%2fsecrets',
  '/..\\\\..\\\\secrets',
  '/..%5c..%5csecrets',
  '/.\\t./.\\n./secrets',
])('a path that leads out of the pod is asked nowhere: %s', (path) => {
  const probe = `, readinessProbe: { httpGet: { path: "${path}", port: 3000 } }`;
  const metrics = `, annotations: { prometheus.io/scrape: "true", prometheus.io/path: "${path}" }`;
  const purposes = planned(orders(probe, metrics) + http).map((one) => one.split(' ')[0]);
  expect(purposes).toEqual(['contract', 'nowhere', 'logs']);
});

test('two dots within a name are no step', () => {
  const probe = ', readinessProbe: { httpGet: { path: /v1..2/ready, port: 3000 } }';
  expect(planned(orders(probe) + http)[0]).toBe('readiness orders-0:3000/proxy/v1..2/ready');
});
