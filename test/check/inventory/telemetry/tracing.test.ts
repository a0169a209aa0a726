import { describe, expect, test } from 'vitest';
import circuitBreakers from '../../../../src/check/checks/circuit-breakers.ts';
import distributedTracing from '../../../../src/check/checks/distributed-tracing.ts';
import serviceDiscovery from '../../../../src/check/checks/service-discovery.ts';
import { runChecks } from '../../../../src/check/run-checks.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const service = (name: string, container: string, meta = '', port = 80) =>
  workload(name, container, { podMetadata: meta }) + serviceOf(name, port);
const app = (extra = '', beside = '', meta = '') =>
  service('it', `{ name: it, image: "shop/it:1", ports: [{ containerPort: 80 }] ${extra} } ${beside}`, meta);
const variable = (name: string, value: string) => app(`, env: [{ name: ${name}, value: ${JSON.stringify(value)} }]`);
const backend = service('jaeger', '{ name: jaeger, image: "jaegertracing/jaeger:2.1" }', '', 4317);

const judge = (yaml: string) => verdictOf(yaml, distributedTracing);
const own = (yaml: string) =>
  runChecks(snapshotOf(objectsIn(yaml).objects), {
    startedAt: '',
    today: '2026-01-01',
    checks: [distributedTracing],
  }).results.find(({ subject }) => subject.name === 'it');

test.each([
  ['OTEL_SDK_DISABLED', 'true'],
  ['OTEL_TRACES_EXPORTER', 'none'],
  ['OTEL_TRACES_SAMPLER', 'always_off'],
  ['OTEL_JAVAAGENT_ENABLED', 'false'],
  ['MANAGEMENT_TRACING_ENABLED', 'false'],
  ['OTEL_DOTNET_AUTO_TRACES_ENABLED', 'false'],
  ['QUARKUS_OTEL_SDK_DISABLED', 'true'],
  ['DD_TRACING_ENABLED', 'false'],
  ['NEW_RELIC_MONITOR_MODE', 'false'],
  ['INSTANA_DISABLE', 'true'],
  ['DD_TRACE_ENABLED', 'false'],
  ['ELASTIC_APM_ENABLED', 'false'],
  ['NEW_RELIC_ENABLED', 'false'],
  ['JAEGER_DISABLED', 'true'],
  ['ENABLE_TRACING', '0'],
  ['JAVA_OPTS', '-Xmx64m -Dspring.zipkin.enabled=false'],
  ['JAVA_TOOL_OPTIONS', '-Dotel.sdk.disabled=true'],
  ['JAVA_TOOL_OPTIONS', '-Dotel.traces.sampler=always_off'],
  ['JAVA_OPTS', '-Ddd.trace.enabled=false'],
])('%s=%s switches it off', (name, value) => expect(judge(variable(name, value))).toBe('fail SWITCHED_OFF'));

test.each([
  ['OTEL_SDK_DISABLED', '1'],
  ['OTEL_SDK_DISABLED', 'false'],
  ['OTEL_TRACES_EXPORTER', 'otlp,none-of-ours'],
])('%s=%s switches nothing off', (name, value) =>
  expect(judge(variable(name, value))).toBe('unknown DESTINATION_UNCLEAR'),
);

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
  expect(judge(variable(name, value))).toBe('warn DESTINATION_ABSENT');
});

/** A pod of `it` as an injector made it: what was added stands in no template. */
const livePod = (containers: string, initContainers = ''): string => `
apiVersion: v1
kind: Pod
metadata:
  name: it-0
  labels: { app: it }
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: it, uid: "", controller: true }]
spec:
  nodeName: node-1
  containers: [${containers}]
  initContainers: [${initContainers}]
status: { phase: Running, conditions: [{ type: Ready, status: "True" }] }
---
`;

const told = (...env: readonly (readonly [string, string])[]) =>
  app(`, env: ${JSON.stringify(env.map(([name, value]) => ({ name, value })))}`);
const otlpTo = (host: string) => ['OTEL_EXPORTER_OTLP_ENDPOINT', `http://${host}:4317`] as const;
const caller = service('shop-front', '{ name: f, image: "shop/front:1", env: [{ name: IT_URL, value: "http://it" }] }');

describe('a file that it mounts', () => {
  const mounted = (file: string, text: string, ...env: readonly (readonly [string, string])[]) =>
    workload(
      'it',
      `{ name: it, image: "shop/it:1", volumeMounts: [{ name: c, mountPath: /c }], env: ${JSON.stringify(
        [otlpTo('jaeger'), ...env].map(([name, value]) => ({ name, value })),
      )} }`,
      { podSpec: ', volumes: [{ name: c, configMap: { name: it } }]' },
    ) +
    serviceOf('it', 80) +
    backend +
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: it }\ndata: ${JSON.stringify({ [file]: text })}\n---\n`;
  const off = 'otel:\n  sdk:\n    disabled: true\n';
  test.each([
    ['says nothing of it', mounted('application.yaml', 'server:\n  port: 80\n'), 'pass TRACES_ARRIVE'],
    ['says that the kit is off', mounted('application.yaml', off), 'unknown MAY_BE_OFF'],
    ['says so as properties', mounted('app.properties', 'otel.sdk.disabled=true'), 'unknown MAY_BE_OFF'],
    ['says so as JSON', mounted('settings.json', '{"otel":{"traces":{"exporter":"none"}}}'), 'unknown MAY_BE_OFF'],
    ['says that it is on', mounted('application.yaml', off.replace('true', 'false')), 'pass TRACES_ARRIVE'],
    ['is overruled', mounted('application.yaml', off, ['OTEL_SDK_DISABLED', 'false']), 'pass TRACES_ARRIVE'],
    ['is of another library', mounted('x.properties', 'dd.trace.enabled=false'), 'pass TRACES_ARRIVE'],
    ['is not all there is', mounted('app.yaml', off, ['OTEL_SDK_DISABLED', 'true']), 'fail SWITCHED_OFF'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

describe('a sampler', () => {
  test.each([
    ['that is off', told(otlpTo('jaeger'), ['OTEL_TRACES_SAMPLER', 'always_off']), 'fail SWITCHED_OFF'],
    [
      'of a ratio of nothing',
      told(otlpTo('jaeger'), ['OTEL_TRACES_SAMPLER', 'traceidratio'], ['OTEL_TRACES_SAMPLER_ARG', '0']),
      'fail SWITCHED_OFF',
    ],
    [
      'that follows its parent, behind nobody who is seen',
      told(otlpTo('jaeger'), ['OTEL_TRACES_SAMPLER', 'parentbased_always_off']),
      'warn BEGINS_NO_TRACE',
    ],
    [
      'that follows its parent, behind a caller',
      told(otlpTo('jaeger'), ['OTEL_TRACES_SAMPLER', 'parentbased_always_off']) + caller,
      'pass TRACES_ARRIVE',
    ],
    [
      'that follows its parent, by a flag',
      told(otlpTo('jaeger'), ['JAVA_TOOL_OPTIONS', '-Dotel.traces.sampler=parentbased_always_off']) + caller,
      'pass TRACES_ARRIVE',
    ],
    [
      'that follows its parent by a ratio of nothing',
      told(otlpTo('jaeger'), ['OTEL_TRACES_SAMPLER', 'parentbased_traceidratio'], ['OTEL_TRACES_SAMPLER_ARG', '0.0']) +
        caller,
      'pass TRACES_ARRIVE',
    ],
    [
      'that follows its parent into nothing',
      told(otlpTo('gone'), ['OTEL_TRACES_SAMPLER', 'parentbased_always_off']) + caller,
      'warn DESTINATION_ABSENT',
    ],
    [
      'of Spring that begins none',
      told(otlpTo('jaeger'), ['MANAGEMENT_TRACING_SAMPLING_PROBABILITY', '0.0']) + caller,
      'warn BEGINS_NO_TRACE',
    ],
    [
      'of Jaeger’s that begins none',
      told(['JAEGER_ENDPOINT', 'http://jaeger:4317'], ['JAEGER_SAMPLER_TYPE', 'const'], ['JAEGER_SAMPLER_PARAM', '0']),
      'warn BEGINS_NO_TRACE',
    ],
    [
      'that asks elsewhere',
      told(otlpTo('jaeger'), ['OTEL_TRACES_SAMPLER', 'parentbased_jaeger_remote']),
      'pass TRACES_ARRIVE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + backend)).toBe(verdict));
});

describe('an exporter that is off', () => {
  const findingsOf = (yaml: string) => own(yaml)?.findings.map(({ status, reason }) => `${status} ${reason}`);

  test('says nothing of its address', () => {
    const yaml = told(otlpTo('gone'), ['OTEL_TRACES_EXPORTER', 'none']);
    expect(findingsOf(yaml)).toEqual(['fail SWITCHED_OFF']);
    expect(own(yaml)?.message).toMatch(/although it is told to send to gone:4317/);
  });

  test.each([
    ['another’s arrives', told(otlpTo('jaeger'), ['DD_TRACE_ENABLED', 'false']), 'pass TRACES_ARRIVE'],
    ['another’s is lost', told(otlpTo('gone'), ['DD_TRACE_ENABLED', 'false']), 'fail SWITCHED_OFF'],
    [
      'Spring’s, whose address may be any',
      told(otlpTo('jaeger'), ['SPRING_ZIPKIN_ENABLED', 'false']),
      'fail SWITCHED_OFF',
    ],
    [
      'Spring’s, beside an agent that is loaded',
      told(
        otlpTo('jaeger'),
        ['MANAGEMENT_TRACING_ENABLED', 'false'],
        ['JAVA_TOOL_OPTIONS', '-javaagent:/opentelemetry-javaagent.jar'],
      ),
      'pass TRACES_ARRIVE',
    ],
    ['the app’s own switch', told(otlpTo('jaeger'), ['ENABLE_TRACING', 'false']), 'fail SWITCHED_OFF'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + backend)).toBe(verdict));

  test.each([
    ['otlp,console', 'pass TRACES_ARRIVE'],
    ['zipkin', 'unknown DESTINATION_UNCLEAR'],
    ['console', 'warn DEBUG_ONLY'],
    ['logging', 'warn DEBUG_ONLY'],
  ])('OTEL_TRACES_EXPORTER=%s', (names, verdict) =>
    expect(judge(told(otlpTo('jaeger'), ['OTEL_TRACES_EXPORTER', names]) + backend)).toBe(verdict),
  );

  test('of two addresses only the one that is named counts', () => {
    const both = (names: string) =>
      told(
        otlpTo('gone'),
        ['OTEL_EXPORTER_ZIPKIN_ENDPOINT', 'http://jaeger:4317/api/v2/spans'],
        ['OTEL_TRACES_EXPORTER', names],
      );
    expect(findingsOf(both('zipkin') + backend)).toEqual([]);
    expect(findingsOf(both('otlp') + backend)).toEqual(['warn DESTINATION_ABSENT']);
  });
});

const configOfCollector = (host: string, receivers = '{ otlp: { protocols: { grpc: {} } } }', exporter = 'otlp') =>
  `receivers: ${receivers}\nexporters: { otlp: { endpoint: "${host}:4317" }, debug: {} }\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [${exporter}] }\n`;
/** A pod of a DaemonSet that is there and not ready. */
const notReady = (name: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}-0, labels: { app: ${name} }, ownerReferences: [{ apiVersion: apps/v1, kind: DaemonSet, name: ${name}, uid: "", controller: true }] }
spec: { nodeName: node-1, containers: [{ name: agent, image: "otel/opentelemetry-collector-contrib:0.140.0" }] }
status: { phase: Running, conditions: [{ type: Ready, status: "False" }] }
---
`;
const collectorBeside = (config: string, image = 'otel/opentelemetry-collector-contrib:0.140.0') =>
  `, { name: sidecar, image: "${image}", args: ["--config=env:OTEL_CONFIG"], env: [{ name: OTEL_CONFIG, value: ${JSON.stringify(config)} }] }`;
const withBeside = (beside: string, address = 'http://localhost:4317', name = 'OTEL_EXPORTER_OTLP_ENDPOINT') =>
  app(`, env: [{ name: ${name}, value: "${address}" }]`, beside);

describe('a collector on localhost', () => {
  test.each([
    ['beside the app', withBeside(collectorBeside(configOfCollector('jaeger'))), 'pass TRACES_ARRIVE'],
    [
      'by a number',
      withBeside(collectorBeside(configOfCollector('jaeger')), 'http://127.0.0.1:4317'),
      'pass TRACES_ARRIVE',
    ],
    ['that sends to nothing', withBeside(collectorBeside(configOfCollector('gone'))), 'warn DESTINATION_ABSENT'],
    [
      'that only prints',
      withBeside(collectorBeside(configOfCollector('jaeger', undefined, 'debug'))),
      'warn DEBUG_ONLY',
    ],
    [
      'at another port',
      withBeside(collectorBeside(configOfCollector('jaeger')), 'http://localhost:9999'),
      'warn NO_TRACES_PIPELINE',
    ],
    [
      'whose configuration is in its image',
      withBeside(', { name: sidecar, image: "otel/opentelemetry-collector:0.140.0" }'),
      'unknown PIPELINE_HIDDEN',
    ],
    ['that is something else', withBeside(', { name: helper, image: "shop/helper:1" }'), 'unknown DESTINATION_UNCLEAR'],
    ['that is not there', withBeside(''), 'warn DESTINATION_ABSENT'],
    [
      'that is only a mesh’s proxy',
      withBeside(', { name: istio-proxy, image: "istio/proxyv2:1.27" }'),
      'warn DESTINATION_ABSENT',
    ],
    [
      'for metrics',
      withBeside('', 'http://localhost:4318', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'),
      'unknown NOTHING_SEEN',
    ],
    ['where pods may not be read', `reads: { pods: forbidden }\n---\n${withBeside('')}`, 'unknown NOT_READ'],
    [
      'to which nothing says that it sends',
      app('', collectorBeside(configOfCollector('jaeger'))),
      'unknown DESTINATION_UNCLEAR',
    ],
    [
      'of Jaeger',
      withBeside(', { name: agent, image: "jaegertracing/jaeger-agent:1.60" }', 'localhost', 'JAEGER_AGENT_HOST'),
      'pass TRACES_ARRIVE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + backend)).toBe(verdict));

  test('that an operator put into the pod stands in no template', () => {
    const meta = ', annotations: { sidecar.opentelemetry.io/inject: "true" }';
    const it = app(', env: [{ name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://localhost:4317" }]', '', meta);
    const sidecar = `{ name: otc-container, image: "x/collector:1", env: [{ name: OTEL_CONFIG, value: ${JSON.stringify(configOfCollector('jaeger'))} }] }`;
    const app1 = '{ name: it, image: "shop/it:1" }';
    expect(judge(it + livePod(`${app1}, ${sidecar}`) + backend)).toBe('pass TRACES_ARRIVE');
    expect(judge(it + livePod(app1) + backend)).toBe('fail NOT_INJECTED');
  });
});

const collector = (receivers: string, pipelines = 'traces: { receivers: [otlp], exporters: [otlp] }') =>
  `${workload(
    'collector',
    '{ name: c, image: "otel/opentelemetry-collector:0.140.0", ports: [{ name: grpc, containerPort: 4317 }], volumeMounts: [{ name: config, mountPath: /conf }] }',
    { podSpec: ', volumes: [{ name: config, configMap: { name: collector } }]' },
  )}
apiVersion: v1
kind: Service
metadata: { name: collector }
spec: { selector: { app: collector }, ports: [{ name: a, port: 4317, targetPort: grpc }, { name: b, port: 4318 }, { name: c, port: 8125 }, { name: d, port: 9411 }, { name: e, port: 80, targetPort: 4318 }, { name: f, port: 2000 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: collector }
data:
  c.yaml: ${JSON.stringify(`receivers: ${receivers}\nexporters: { otlp: { endpoint: "jaeger:4317" } }\nservice: { pipelines: { ${pipelines} } }\n`)}
---
${backend}`;
const otlp = '{ otlp: { protocols: { grpc: {}, http: { endpoint: "0.0.0.0:4318" } } }, statsd: {}, zipkin: {} }';

describe('an address of a collector', () => {
  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4317', 'pass TRACES_ARRIVE'],
    ['COLLECTOR_SERVICE_ADDR', 'collector:4317', 'pass TRACES_ARRIVE'],
    ['TELEMETRY_URL', 'http://collector:80', 'pass TRACES_ARRIVE'],
    ['TRACE_COLLECTOR_HOST', 'collector', 'pass TRACES_ARRIVE'],
    ['STATSD_HOST', 'collector:8125', 'unknown NOTHING_SEEN'],
    ['METRICS_PUSH_URL', 'http://collector:4318', 'unknown NOTHING_SEEN'],
    ['MetricsPushUrl', 'http://collector:4318', 'unknown NOTHING_SEEN'],
    ['PROM_REMOTE_WRITE_URL', 'http://collector:4318', 'unknown NOTHING_SEEN'],
    ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'http://collector:4318', 'unknown NOTHING_SEEN'],
    ['PUSH_TARGET', 'collector:8125', 'unknown NOTHING_SEEN'],
    ['COLLECTOR_HOST', 'collector', 'unknown NOTHING_SEEN'],
    ['JAVA_OPTS', '-Dotel.exporter.otlp.metrics.endpoint=http://collector:4318', 'unknown NOTHING_SEEN'],
    ['JAVA_OPTS', '-Dotel.exporter.otlp.endpoint=http://collector:4318', 'pass TRACES_ARRIVE'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:8125', 'warn NO_TRACES_PIPELINE'],
    ['ZIPKIN_URL', 'http://collector:9411/api/v2/spans', 'warn NO_TRACES_PIPELINE'],
  ])('%s=%s', (name, value, verdict) => expect(judge(variable(name, value) + collector(otlp))).toBe(verdict));

  test.each([
    ['a receiver whose port is not written down', '{ otlp: {}, statsd: {} }', 'pass TRACES_ARRIVE'],
    [
      'a receiver on another port',
      '{ otlp: { protocols: { grpc: { endpoint: "x:9999" } } } }',
      'warn NO_TRACES_PIPELINE',
    ],
  ])('%s', (_, receivers, verdict) =>
    expect(judge(variable('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4317') + collector(receivers))).toBe(
      verdict,
    ),
  );

  test('given to a flag of the command line', () => {
    const flags = (...args: string[]) => judge(app(`, args: ${JSON.stringify(args)}`) + collector(otlp));
    expect(flags('--metrics-endpoint=http://collector:4318')).toBe('unknown NOTHING_SEEN');
    expect(flags('--metrics-endpoint', 'http://collector:4318')).toBe('unknown NOTHING_SEEN');
    expect(flags('--tracing-endpoint', 'http://collector:4318')).toBe('pass TRACES_ARRIVE');
  });
});

const target = service('target', '{ name: target, image: "shop/target:1", ports: [{ containerPort: 80 }] }');

test('the name of a file proves nothing about an address in it', () => {
  const yaml = app(', volumeMounts: [{ name: c, mountPath: /c }]').replace(
    'spec: { containers',
    'spec: { volumes: [{ name: c, configMap: { name: c } }], containers',
  );
  const file = (address: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { zipkin.properties: "url=${address}" }\n---\n`;
  expect(judge(yaml + file('http://target:80') + target)).toBe('unknown NOTHING_SEEN');
  expect(judge(yaml + file('http://collector:8125') + collector(otlp))).toBe('unknown NOTHING_SEEN');
  expect(judge(yaml + file('http://collector:4317') + collector(otlp))).toBe('pass TRACES_ARRIVE');
});

test.each([
  ['OC_AGENT_HOST', 'agent:55678', 'warn DESTINATION_ABSENT'],
  ['OCAGENT_ADDR', 'agent:55678', 'warn DESTINATION_ABSENT'],
  ['SOME_HOST', 'agent:6831', 'warn DESTINATION_ABSENT'],
  ['SOME_URL', 'http://agent:14268/api/traces', 'warn DESTINATION_ABSENT'],
  ['METRICS_URL', 'http://agent:4318', 'unknown NOTHING_SEEN'],
  ['SOME_URL', 'http://agent:8080', 'unknown NOTHING_SEEN'],
])('%s=%s leads nowhere', (name, value, verdict) => expect(judge(variable(name, value))).toBe(verdict));

test.each([
  ['SeqServerUrl', 'no call'],
  ['SEQ_URL', 'no call'],
  ['MANAGEMENT_METRICS_EXPORT_WAVEFRONT_URI', 'no call'],
  ['WAVEFRONT_URI', 'no call'],
  ['STATSD_URL', 'no call'],
  ['GRAYLOG_URL', 'no call'],
  ['GELF_URL', 'no call'],
  ['LOGSTASH_URL', 'no call'],
  ['PUSHGATEWAY_URL', 'no call'],
  ['SPLUNK_URL', 'no call'],
  ['ApplicationInsights__Url', 'no call'],
  ['HONEYCOMB_URL', 'no call'],
  ['LOKI', 'no call'],
  ['OPENCENSUS_URL', 'no call'],
  ['TAX_URL', 'a call'],
  ['SEQUENCE_URL', 'a call'],
  ['STOCK_URL', 'a call'],
  ['ADDRESS_URL', 'a call'],
])('%s names %s of the business', (name, what) =>
  expect(verdictOf(variable(name, 'http://target') + target, circuitBreakers)).toBe(
    what === 'a call' ? 'unknown MAY_BE_IN_CODE' : 'unknown NO_CALL_VISIBLE',
  ),
);

test.each([
  ['JAVA_TOOL_OPTIONS', '-javaagent:/otel/opentelemetry-javaagent.jar'],
  ['NODE_OPTIONS', '--require @opentelemetry/auto-instrumentations-node/register'],
  ['ENABLE_TRACING', '1'],
])('%s=%s makes spans, and nothing says where they go', (name, value) =>
  expect(judge(variable(name, value))).toBe('warn DESTINATION_ABSENT'),
);

const injected = (env: string): string =>
  app('', '', ', annotations: { instrumentation.opentelemetry.io/inject-nodejs: "true" }') +
  livePod(
    `{ name: it, image: "shop/it:1", env: [${env}] }`,
    '{ name: opentelemetry-auto-instrumentation-nodejs, image: "otel/autoinstrumentation-nodejs:0.60.0" }',
  );
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

const hostIp = (name: string, path = 'status.hostIP') =>
  app(`, env: [{ name: ${name}, valueFrom: { fieldRef: { fieldPath: ${path} } } }]`);
const onNodes = (image: string) => workload('agent', `{ name: agent, image: "${image}" }`, { kind: 'DaemonSet' });

describe('the address of its own node', () => {
  test.each([
    ['DD_AGENT_HOST', hostIp('DD_AGENT_HOST'), 'warn DESTINATION_ABSENT'],
    ['INSTANA_AGENT_HOST', hostIp('INSTANA_AGENT_HOST'), 'warn DESTINATION_ABSENT'],
    ['JAEGER_AGENT_HOST', hostIp('JAEGER_AGENT_HOST'), 'warn DESTINATION_ABSENT'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', hostIp('OTEL_EXPORTER_OTLP_ENDPOINT'), 'warn DESTINATION_ABSENT'],
    ['of another signal', hostIp('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'), 'unknown NOTHING_SEEN'],
    ['of the pod', hostIp('DD_AGENT_HOST', 'status.podIP'), 'warn DESTINATION_ABSENT'],
    ['with an agent', hostIp('DD_AGENT_HOST') + onNodes('gcr.io/datadoghq/agent:7.70'), 'unknown DESTINATION_UNCLEAR'],
    ['with what may be one', hostIp('DD_AGENT_HOST') + onNodes('icr.io/x/agent:1'), 'unknown DESTINATION_UNCLEAR'],
    ['with something else', hostIp('DD_AGENT_HOST') + onNodes('shop/cache:1'), 'warn DESTINATION_ABSENT'],
    [
      'where DaemonSets were not read',
      `reads: { daemonsets.apps: forbidden }\n---\n${hostIp('DD_AGENT_HOST')}`,
      'unknown NOT_READ',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

const daemon = (container: string, podSpec = '') => workload('agent', container, { kind: 'DaemonSet', podSpec });
const otelDaemon = (config: string, port = '{ containerPort: 4317, hostPort: 4317 }', podSpec = '') =>
  daemon(
    `{ name: agent, image: "otel/opentelemetry-collector-contrib:0.140.0", ports: [${port}], env: [{ name: OTEL_CONFIG, value: ${JSON.stringify(config)} }] }`,
    podSpec,
  );
const ddDaemon = (env = '', port = '{ containerPort: 8126, hostPort: 8126 }', podSpec = '') =>
  daemon(`{ name: agent, image: "gcr.io/datadoghq/agent:7.70.0", ports: [${port}], env: [${env}] }`, podSpec);
const nodeAddress = app(
  ', env: [{ name: HOST_IP, valueFrom: { fieldRef: { fieldPath: status.hostIP } } }, { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://$(HOST_IP):4317" }]',
);
const secretAddress = app(
  ', env: [{ name: WHERE, valueFrom: { secretKeyRef: { name: s, key: k } } }, { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://$(WHERE):4317" }]',
);
const ddHost = hostIp('DD_AGENT_HOST');
const openOtlp = '{ name: DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_ENDPOINT, value: "0.0.0.0:4317" }';
const bothPorts = '{ containerPort: 8126, hostPort: 8126 }, { containerPort: 4317, hostPort: 4317 }';

describe('an agent of its own node', () => {
  test.each([
    ['a collector', nodeAddress + otelDaemon(configOfCollector('jaeger')) + backend, 'pass TRACES_ARRIVE'],
    [
      'a collector on the node’s network',
      nodeAddress + otelDaemon(configOfCollector('jaeger'), '', ', hostNetwork: true') + backend,
      'pass TRACES_ARRIVE',
    ],
    [
      'a collector that sends to nothing',
      nodeAddress + otelDaemon(configOfCollector('gone')),
      'warn DESTINATION_ABSENT',
    ],
    [
      'a collector that opens no port of the node',
      nodeAddress + otelDaemon(configOfCollector('jaeger'), '{ containerPort: 4317 }') + backend,
      'unknown DESTINATION_UNCLEAR',
    ],
    [
      'a collector that is not ready',
      nodeAddress + otelDaemon(configOfCollector('jaeger')) + backend + notReady('agent'),
      'warn DESTINATION_ABSENT',
    ],
    ['Datadog’s', ddHost + ddDaemon(), 'pass TRACES_ARRIVE'],
    [
      'Datadog’s that takes none',
      ddHost + ddDaemon('{ name: DD_APM_ENABLED, value: "false" }'),
      'warn NO_TRACES_PIPELINE',
    ],
    ['Datadog’s without OTLP', nodeAddress + ddDaemon('', bothPorts), 'warn NO_TRACES_PIPELINE'],
    ['Datadog’s with OTLP', nodeAddress + ddDaemon(openOtlp, bothPorts), 'pass TRACES_ARRIVE'],
    [
      'an address of a value nobody sees',
      secretAddress + otelDaemon(configOfCollector('jaeger')) + backend,
      'unknown DESTINATION_UNCLEAR',
    ],
    [
      'what it does is not known',
      ddHost + daemon('{ name: x, image: "acme/tracer:1", ports: [{ containerPort: 8126, hostPort: 8126 }] }'),
      'unknown DESTINATION_UNCLEAR',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

const socket = (volumes: string, mounts = '{ name: apm, mountPath: /var/run/datadog }') =>
  workload(
    'it',
    `{ name: it, image: "shop/it:1", env: [{ name: DD_TRACE_AGENT_URL, value: "unix:///var/run/datadog/apm.socket" }], volumeMounts: [${mounts}] }`,
    { podSpec: `, volumes: [${volumes}]` },
  ) + serviceOf('it');
const onHost = '{ name: apm, hostPath: { path: /var/run/datadog/ } }';
const agentVolume = ', volumes: [{ name: apm, hostPath: { path: /var/run/datadog } }]';

describe('a socket of the node', () => {
  test.each([
    ['at which Datadog’s agent listens', socket(onHost) + ddDaemon('', '', agentVolume), 'pass TRACES_ARRIVE'],
    [
      'whose agent takes no traces',
      socket(onHost) + ddDaemon('{ name: DD_APM_ENABLED, value: "false" }', '', agentVolume),
      'warn NO_TRACES_PIPELINE',
    ],
    ['which the agent does not mount', socket(onHost) + ddDaemon(), 'unknown DESTINATION_UNCLEAR'],
    [
      'of a volume nobody can look into',
      socket('{ name: apm, csi: { driver: x } }') + ddDaemon(),
      'unknown DESTINATION_UNCLEAR',
    ],
    ['that is not mounted', socket('', '') + ddDaemon('', '', agentVolume), 'warn DESTINATION_ABSENT'],
    ['without an agent', socket(onHost), 'warn DESTINATION_ABSENT'],
    [
      'where DaemonSets were not read',
      `reads: { daemonsets.apps: forbidden }\n---\n${socket(onHost)}`,
      'unknown NOT_READ',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

test('Datadog’s agent behind a Service is judged by its own switches', () => {
  const to = variable('DD_TRACE_AGENT_URL', 'http://agent:8126');
  expect(judge(to + ddDaemon() + serviceOf('agent', 8126))).toBe('pass TRACES_ARRIVE');
  expect(judge(to + ddDaemon('{ name: DD_APM_ENABLED, value: "false" }') + serviceOf('agent', 8126))).toBe(
    'warn NO_TRACES_PIPELINE',
  );
});

test('OpenTelemetry’s kit sends to a collector of its pod by itself', () => {
  const beside = collectorBeside(configOfCollector('jaeger'));
  const exporter = ', env: [{ name: OTEL_TRACES_EXPORTER, value: otlp }]';
  expect(judge(app(exporter, beside) + backend)).toBe('pass TRACES_ARRIVE');
  expect(judge(app(exporter))).toBe('unknown DESTINATION_UNCLEAR');
});

test.each([
  [
    'an agent that sends to its vendor',
    variable('JAVA_TOOL_OPTIONS', '-javaagent:/newrelic/newrelic.jar'),
    'warn DESTINATION_OUTSIDE',
  ],
  ['a name for its spans, and no address', variable('OTEL_SERVICE_NAME', 'it'), 'unknown DESTINATION_UNCLEAR'],
  [
    'an address in a Secret',
    app(', env: [{ name: OTEL_EXPORTER_OTLP_ENDPOINT, valueFrom: { secretKeyRef: { name: s, key: k } } }]'),
    'unknown DESTINATION_UNCLEAR',
  ],
  [
    'X-Ray’s daemon',
    variable('AWS_XRAY_DAEMON_ADDRESS', 'xray:2000') +
      service('xray', '{ name: x, image: "public.ecr.aws/xray/aws-xray-daemon:3" }', '', 2000),
    'pass TRACES_ARRIVE',
  ],
])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));

describe('Datadog’s injection', () => {
  const lib = ', annotations: { admission.datadoghq.com/java-lib.version: v1 }';
  const container = (env = '') => `{ name: it, image: "shop/it:1", env: [${env}] }`;
  const host = '{ name: DD_AGENT_HOST, valueFrom: { fieldRef: { fieldPath: status.hostIP } } }';
  test.each([
    [
      'done',
      app('', '', lib) + livePod(container(host), '{ name: datadog-lib-java-init, image: "x:1" }') + ddDaemon(),
      'pass TRACES_ARRIVE',
    ],
    ['not done', app('', '', lib) + livePod(container()), 'fail NOT_INJECTED'],
    [
      'of an address alone',
      app().replace('labels: { app: it }', 'labels: { app: it, admission.datadoghq.com/enabled: "true" }') +
        livePod(container(host)) +
        ddDaemon(),
      'pass TRACES_ARRIVE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

describe('the address of an exporter that is off is no address that is used', () => {
  const found = (...env: readonly (readonly [string, string])[]) => {
    const yaml = told(...env);
    return verdictOf(yaml, serviceDiscovery);
  };
  test.each([
    [
      'of Zipkin',
      [
        ['ZIPKIN_URL', 'http://gone:9411'],
        ['SPRING_ZIPKIN_ENABLED', 'false'],
      ],
      'pass',
    ],
    ['of a whole kit', [otlpTo('gone'), ['OTEL_SDK_DISABLED', 'true']], 'pass'],
    ['which metrics may go to', [otlpTo('gone'), ['OTEL_TRACES_EXPORTER', 'none']], 'warn'],
    [
      'of another library',
      [
        ['ZIPKIN_URL', 'http://gone:9411'],
        ['DD_TRACE_ENABLED', 'false'],
      ],
      'warn',
    ],
    ['that is on', [['ZIPKIN_URL', 'http://gone:9411']], 'warn'],
  ] as const)('%s', (_, env, verdict) => expect(found(...env)).toMatch(verdict));
});

test('what a collector beside the app is told is no address of the app', () => {
  const yaml = app(
    '',
    `, { name: sidecar, image: "otel/opentelemetry-collector:0.140.0", env: [{ name: OTLP_ENDPOINT, value: "http://jaeger:4317" }] }`,
  );
  expect(judge(yaml + backend)).toBe('unknown DESTINATION_UNCLEAR');
});

describe('Alloy, which takes traces in its own words', () => {
  const alloy = (config: string) =>
    `${workload('alloy', '{ name: alloy, image: "grafana/alloy:v1.11.0", volumeMounts: [{ name: c, mountPath: /c }] }', { podSpec: ', volumes: [{ name: c, configMap: { name: c } }]' })}${serviceOf('alloy', 4317)}apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { config.alloy: ${JSON.stringify(config)} }\n---\n`;
  const receiver = (signal: string, grpc = '') =>
    `otelcol.receiver.otlp "in" {\n  grpc { ${grpc} }\n  output { ${signal} = [otelcol.processor.batch.b.input] }\n}\notelcol.processor.batch "b" {\n  output { ${signal} = [otelcol.exporter.otlp.out.input] }\n}\n`;
  const exporter = (host: string) =>
    `otelcol.exporter.otlp "out" {\n  client { endpoint = "${host}:4317" } // to ${host}\n}\n`;
  test.each([
    ['into a backend', receiver('traces') + exporter('jaeger'), 'pass TRACES_ARRIVE'],
    ['into nothing', receiver('traces') + exporter('gone'), 'warn DESTINATION_ABSENT'],
    ['into a module', receiver('traces'), 'unknown PIPELINE_HIDDEN'],
    ['not, but logs', receiver('logs') + exporter('jaeger'), 'warn NO_TRACES_PIPELINE'],
    [
      'at another port',
      receiver('traces', 'endpoint = "0.0.0.0:9999"') + exporter('jaeger'),
      'warn NO_TRACES_PIPELINE',
    ],
    [
      'printing',
      receiver('traces') + 'otelcol.exporter.debug "out" { }\n'.replace('out', 'x'),
      'unknown PIPELINE_HIDDEN',
    ],
  ])('%s', (_, config, verdict) =>
    expect(judge(variable('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://alloy:4317') + alloy(config) + backend)).toBe(verdict),
  );
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

test('one Service is told once', () => {
  const yaml =
    app(
      ', env: [{ name: JAEGER_HOST, value: jaeger }, { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://jaeger:4317" }]',
    ) + backend;
  expect(own(yaml)?.message).toBe('sends traces to jaeger:4317, a tracing backend that is up');
});

test.each([
  ['not installed', '', /operator is not installed/],
  [
    'installed',
    'apiVersion: opentelemetry.io/v1alpha1\nkind: Instrumentation\nmetadata: { name: i, namespace: elsewhere }\n',
    /no Instrumentation matches/,
  ],
])('not injected by an operator that is %s', (_, objects, message) => {
  const yaml = app('', '', ', annotations: { instrumentation.opentelemetry.io/inject-java: "true" }') + objects;
  expect(judge(yaml)).toBe('fail NOT_INJECTED');
  expect(own(yaml)?.message).toMatch(message);
});

const unsided = app('', '', ', annotations: { dapr.io/enabled: "true", dapr.io/config: traced }');
/** The pod as Linkerd's injector made it. */
const linkerd = (collector: string, field = 'containers') => {
  const proxy = `{ name: linkerd-proxy, image: "linkerd/proxy:2", restartPolicy: Always, env: [{ name: LINKERD2_PROXY_TRACE_COLLECTOR_SVC_ADDR, value: "${collector}" }] }`;
  const own = '{ name: it, image: "shop/it:1" }';
  return app() + (field === 'containers' ? livePod(`${own}, ${proxy}`) : livePod(own, proxy));
};

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
    ['Dapr asked for, and not there', unsided + configuration('1'), 'fail NOT_INJECTED'],
    ['Dapr asked for, not there, and sampling nothing', unsided + configuration('0'), 'unknown NOTHING_SEEN'],
    ['Dapr asked for, whose Configuration is not there', unsided, 'unknown NOTHING_SEEN'],
    ['Linkerd', linkerd('collector.linkerd-jaeger:55678'), 'warn MESH_SPANS_ONLY'],
    ['Linkerd as a native sidecar', linkerd('jaeger:55678', 'initContainers'), 'warn MESH_SPANS_ONLY'],
    ['Linkerd without a collector', linkerd(''), 'unknown NOTHING_SEEN'],
    ['a mesh whose proxy is not there', app() + telemetry('{ providers: [{ name: otel }] }'), 'unknown NOTHING_SEEN'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});
