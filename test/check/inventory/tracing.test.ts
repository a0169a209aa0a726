import { describe, expect, test } from 'vitest';
import distributedTracing from '../../../src/check/checks/distributed-tracing.ts';
import { serviceOf, workload } from '../shop-objects.ts';
import { verdictOf } from '../verdict-of.ts';

const service = (name: string, container: string, meta = '', port = 80) =>
  workload(name, container, { podMetadata: meta }) + serviceOf(name, port);
const app = (extra = '', beside = '', meta = '') =>
  service('it', `{ name: it, image: "shop/it:1", ports: [{ containerPort: 80 }] ${extra} } ${beside}`, meta);
const variable = (name: string, value: string) => app(`, env: [{ name: ${name}, value: ${JSON.stringify(value)} }]`);
const backend = service('jaeger', '{ name: jaeger, image: "jaegertracing/jaeger:2.1" }', '', 4317);

const judge = (yaml: string) => verdictOf(yaml, distributedTracing);

test.each([
  ['OTEL_SDK_DISABLED', 'true'],
  ['OTEL_TRACES_EXPORTER', 'none'],
  ['OTEL_TRACES_SAMPLER', 'always_off'],
  ['OTEL_JAVAAGENT_ENABLED', 'false'],
  ['MANAGEMENT_TRACING_ENABLED', 'false'],
  ['MANAGEMENT_TRACING_SAMPLING_PROBABILITY', '0.0'],
  ['DD_TRACE_ENABLED', 'false'],
  ['ELASTIC_APM_ENABLED', 'false'],
  ['NEW_RELIC_ENABLED', 'false'],
  ['JAEGER_DISABLED', 'true'],
  ['ENABLE_TRACING', '0'],
  ['JAVA_OPTS', '-Xmx64m -Dspring.zipkin.enabled=false'],
  ['JAVA_TOOL_OPTIONS', '-Dotel.sdk.disabled=true'],
])('%s=%s switches it off', (name, value) => expect(judge(variable(name, value))).toBe('fail SWITCHED_OFF'));

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://jaeger:4317'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://jaeger.shop:4317'],
  ['JAEGER_ENDPOINT', 'http://jaeger:4317/api/traces'],
  ['ZIPKIN', 'http://jaeger.shop.svc.cluster.local:4317/api/v2/spans'],
  ['MANAGEMENT_ZIPKIN_TRACING_ENDPOINT', 'http://jaeger:4317/api/v2/spans'],
  ['DD_TRACE_AGENT_URL', 'http://jaeger:4317'],
  ['ELASTIC_APM_SERVER_URL', 'http://jaeger:4317'],
  ['SW_AGENT_COLLECTOR_BACKEND_SERVICES', 'jaeger:4317'],
  ['COLLECTOR_SERVICE_ADDR', 'jaeger:4317'],
])('%s=%s leads to a backend that is up', (name, value) => {
  expect(judge(variable(name, value) + backend)).toBe('pass TRACES_ARRIVE');
  expect(judge(variable(name, value))).toBe(
    name === 'COLLECTOR_SERVICE_ADDR' ? 'unknown NOTHING_SEEN' : 'warn DESTINATION_ABSENT',
  );
});

test.each([
  ['JAVA_TOOL_OPTIONS', '-javaagent:/otel/opentelemetry-javaagent.jar'],
  ['NODE_OPTIONS', '--require @opentelemetry/auto-instrumentations-node/register'],
  ['ENABLE_TRACING', '1'],
])('%s=%s makes spans, and nothing says where they go', (name, value) =>
  expect(judge(variable(name, value))).toBe('warn DESTINATION_ABSENT'),
);

/** The pod as the operator made it: what it added stands in no template. */
const injected = (
  env: string,
) => `${app('', '', ', annotations: { instrumentation.opentelemetry.io/inject-nodejs: "true" }')}
apiVersion: v1
kind: Pod
metadata:
  name: it-0
  labels: { app: it }
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: it, uid: "", controller: true }]
spec:
  nodeName: node-1
  initContainers: [{ name: opentelemetry-auto-instrumentation-nodejs, image: "otel/autoinstrumentation-nodejs:0.60.0" }]
  containers: [{ name: it, image: "shop/it:1", env: [${env}] }]
status: { phase: Running, conditions: [{ type: Ready, status: "True" }] }
---
`;
const endpoint = '{ name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://jaeger:4317" }';

describe('injected by the operator', () => {
  test.each([
    ['into a backend that is up', injected(endpoint) + backend, 'pass TRACES_ARRIVE'],
    ['into nothing', injected(endpoint), 'warn DESTINATION_ABSENT'],
    [
      'with the sampler off',
      injected(`${endpoint}, { name: OTEL_TRACES_SAMPLER, value: always_off }`) + backend,
      'fail SWITCHED_OFF',
    ],
    ['with an address nobody sees', injected(''), 'unknown DESTINATION_UNCLEAR'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

const meshed = (proxy: string, meta = '') => app('', `, { name: ${proxy}, image: "mesh/proxy:1" }`, meta);
const telemetry = (tracing: string) =>
  `apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: { name: all, namespace: istio-system }\nspec: { tracing: [${tracing}] }\n`;
const meshConfig =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "defaultConfig: {}\\nenableTracing: true\\n" }\n';
const trace =
  'apiVersion: kuma.io/v1alpha1\nkind: MeshTrace\nmetadata: { name: all, namespace: kuma-system }\nspec: { default: { backends: [{ type: Zipkin }] } }\n';
const configuration = (rate: string) =>
  `apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: { name: traced }\nspec: { tracing: { samplingRate: "${rate}", zipkin: { endpointAddress: "http://zipkin:9411" } } }\n`;
const daprd = meshed('daprd', ', annotations: { dapr.io/config: traced }');

describe('spans of a mesh', () => {
  test.each([
    [
      'Istio by Telemetry',
      meshed('istio-proxy') + telemetry('{ providers: [{ name: otel }] }'),
      'warn MESH_SPANS_ONLY',
    ],
    ['Istio by its configuration', meshed('istio-proxy') + meshConfig, 'warn MESH_SPANS_ONLY'],
    [
      'Istio told to report none',
      meshed('istio-proxy') + telemetry('{ disableSpanReporting: true }'),
      'fail SWITCHED_OFF',
    ],
    [
      'Istio that samples nothing',
      meshed('istio-proxy') + telemetry('{ providers: [{ name: otel }], randomSamplingPercentage: 0 }'),
      'unknown NOTHING_SEEN',
    ],
    ['Kuma', meshed('kuma-sidecar') + trace, 'warn MESH_SPANS_ONLY'],
    ['Dapr', daprd + configuration('1'), 'warn MESH_SPANS_ONLY'],
    ['Dapr that samples nothing', daprd + configuration('0'), 'unknown NOTHING_SEEN'],
    ['a mesh whose proxy is not there', app() + telemetry('{ providers: [{ name: otel }] }'), 'unknown NOTHING_SEEN'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});
