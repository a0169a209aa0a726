import { describe, expect, test } from 'vitest';
import centralizedLogging from '../../../../src/check/checks/centralized-logging.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const service = workload('it', '{ name: it, image: "shop/it:1" }');
interface Agent {
  path?: string;
  owner?: string;
  env?: string;
}
const agent = (image: string, { path = '/var/log', owner = '', env = '' }: Agent = {}) =>
  workload(
    'agent',
    `{ name: agent, image: "${image}", volumeMounts: [{ name: host, mountPath: /logs }], env: [${env}] }`,
    {
      kind: 'DaemonSet',
      metadata: `, namespace: logs${owner ? `, ownerReferences: [{ apiVersion: ${owner}, kind: X, name: x, uid: "" }]` : ''}`,
      podSpec: `, volumes: [{ name: host, hostPath: { path: ${path} } }]`,
    },
  );
const object = (apiVersion: string, kind: string, spec: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: all, namespace: logs }\nspec: ${spec}\n---\n`;

const judge = (yaml: string) => verdictOf(yaml, centralizedLogging);

test.each([
  'fluent/fluent-bit:4.2',
  'fluent/fluentd:v1.19',
  'cr.fluentbit.io/fluent/fluent-bit:4.2',
  'timberio/vector:0.50.0-alpine',
  'grafana/promtail:3.5',
  'grafana/alloy:v1.11',
  'docker.elastic.co/beats/filebeat:9.1',
  'docker.elastic.co/elastic-agent/elastic-agent:9.1',
  'gcr.io/datadoghq/agent:7.70',
  'splunk/fluentd-hec:1.3',
  'newrelic/newrelic-fluentbit-output:2.3',
  'public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.3',
  'public.ecr.aws/aws-observability/aws-for-fluent-bit:2.34',
  'amazon/aws-for-fluent-bit:2.34',
])('%s on the node’s logs is an agent', (image) => {
  const env = '{ name: ES_HOST, value: "https://logs.example.com" }';
  expect(judge(service + agent(image, { env }))).toBe('pass LOGS_FOLLOWED');
  expect(judge(service + agent(image))).toBe('warn DESTINATION_HIDDEN');
});

test.each([
  ['/var/log/pods', 'warn DESTINATION_HIDDEN'],
  ['/var/log/containers', 'warn DESTINATION_HIDDEN'],
  ['/var/lib/docker/containers', 'warn DESTINATION_HIDDEN'],
  ['/var/log', 'fail NO_AGENT'],
  ['/', 'fail NO_AGENT'],
  ['/proc', 'fail NO_AGENT'],
])('of an image that nobody knows, %s proves as much as it holds', (path, verdict) =>
  expect(judge(service + agent('shop/watcher:1', { path }))).toBe(verdict),
);

const store = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: store, namespace: logs }
spec:
  selector: { matchLabels: { app: store } }
  template: { metadata: { labels: { app: store } }, spec: { containers: [{ name: store, image: "opensearch:3" }] } }
---
apiVersion: v1
kind: Service
metadata: { name: store, namespace: logs }
spec: { selector: { app: store }, ports: [{ port: 9200 }] }
---
`;
const configured = (file: string) =>
  agent('fluent/fluent-bit:4.2')
    .replace('volumes: [', 'volumes: [{ name: config, configMap: { name: config } }, ')
    .replace('volumeMounts: [', 'volumeMounts: [{ name: config, mountPath: /config }, ') +
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config, namespace: logs }\ndata: { agent.conf: ${JSON.stringify(file)} }\n---\n`;

describe('what an agent’s configuration says', () => {
  test.each([
    ['Fluent Bit', '[INPUT]\n    Name tail\n[OUTPUT]\n    Name  es\n    Host  store\n    Port  9200\n'],
    ['Fluent Bit in YAML', 'pipeline:\n  outputs:\n    - name: opensearch\n      host: store\n      port: 9200\n'],
    ['Fluentd', '<match **>\n  @type elasticsearch\n  host store\n  port 9200\n</match>\n'],
    ['Promtail', 'clients:\n  - url: http://store:9200/loki/api/v1/push\n'],
    ['Vector', 'sinks:\n  out:\n    type: elasticsearch\n    endpoints: ["http://store:9200"]\n'],
    [
      'a collector',
      'exporters:\n  opensearch: { http: { endpoint: "http://store:9200" } }\nservice:\n  pipelines:\n    logs: { receivers: [filelog], exporters: [opensearch] }\n',
    ],
  ])('%s: a store that is there, and one that is not', (_, file) => {
    expect(judge(service + configured(file) + store)).toBe('pass LOGS_FOLLOWED');
    expect(judge(service + configured(file))).toBe('warn DESTINATION_ABSENT');
  });

  test.each([
    ['prints', '[OUTPUT]\n    Name stdout\n'],
    ['prints in YAML', 'pipeline:\n  outputs:\n    - name: stdout\n'],
    ['drops', '<match **>\n  @type null\n</match>\n'],
  ])('it %s', (_, file) => expect(judge(service + configured(file))).toBe('warn DESTINATION_NOWHERE'));
});

const banzai = 'logging.banzaicloud.io/v1beta1';
const fluent = 'fluentbit.fluent.io/v1alpha2';
const openshift = 'observability.openshift.io/v1';
const vector = 'observability.kaasops.io/v1alpha1';
const made = (owner: string, image = 'fluent/fluent-bit:4.2') => service + agent(image, { owner });

describe('agents of an operator, whose configuration is a Secret', () => {
  test.each([
    [
      'Logging operator',
      made(banzai) + object(banzai, 'ClusterOutput', '{ loki: { url: "http://loki:3100" } }'),
      'warn DESTINATION_ABSENT',
    ],
    [
      'Logging operator',
      made(banzai) + object(banzai, 'ClusterOutput', '{ s3: { s3_bucket: logs } }'),
      'pass LOGS_FOLLOWED',
    ],
    ['Logging operator', made(banzai) + object(banzai, 'Output', '{ nullout: {} }'), 'warn DESTINATION_NOWHERE'],
    ['Logging operator', made(banzai), 'warn DESTINATION_HIDDEN'],
    [
      'Fluent operator',
      made(fluent) + object(fluent, 'Output', '{ es: { host: logs.example.com, port: 9200 } }'),
      'pass LOGS_FOLLOWED',
    ],
    [
      'OpenShift',
      made(openshift, 'vector:6') +
        object(
          openshift,
          'ClusterLogForwarder',
          '{ outputs: [{ name: a, type: loki, loki: { url: "https://logs.example.com" } }] }',
        ),
      'pass LOGS_FOLLOWED',
    ],
    [
      'Vector operator',
      made(vector, 'timberio/vector:0.50') + object(vector, 'VectorPipeline', '{ sinks: { out: { type: console } } }'),
      'warn DESTINATION_NOWHERE',
    ],
  ])('%s: %#', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));

  test.each([
    ['Logging', banzai],
    ['FluentBit', fluent],
    ['ClusterLogForwarder', openshift],
    ['Vector', vector],
  ])('%s without an agent that is known for one leaves it open', (kind, version) =>
    expect(judge(service + object(version, kind, '{}'))).toBe('unknown MANAGED_PLATFORM'),
  );
});

const told = (name: string, value: string) =>
  workload('it', `{ name: it, image: "shop/it:1", env: [{ name: ${name}, value: "${value}" }] }`);
const server = (image: string, port: number, { ready = true } = {}) =>
  workload('logserver', `{ name: logserver, image: "${image}" }`).replace(
    'spec:',
    ready ? 'spec:' : 'spec:\n  replicas: 0',
  ) + serviceOf('logserver', port);
const seq = server('datalust/seq:2024.3', 80);
const grafana = workload(
  'grafana',
  '{ name: grafana, image: "grafana/grafana:12.0", env: [{ name: LOKI_URL, value: "http://logserver:3100" }] }',
);
const other = told('SEQ_URL', 'http://logserver').replaceAll(/\bit\b/g, 'other');

describe('a log server that services push to', () => {
  test.each([
    ['its address is no proof', told('SeqServerUrl', 'http://logserver') + seq, 'warn DESTINATION_UNPROVEN'],
    [
      'Graylog, likewise',
      told('GELF_HOST', 'logserver:12201') + server('graylog/graylog:6.1', 12201),
      'warn DESTINATION_UNPROVEN',
    ],
    [
      'it is not ready',
      told('SeqServerUrl', 'http://logserver') + server('datalust/seq:2024.3', 80, { ready: false }),
      'warn DESTINATION_ABSENT',
    ],
    ['a port it does not have', told('SEQ_URL', 'http://logserver:5341') + seq, 'warn DESTINATION_ABSENT'],
    ['no setting feeds it', service + seq, 'unknown MAY_SEND_LOGS'],
    ['Grafana only reads it', service + server('grafana/loki:3.4', 3100) + grafana, 'unknown MAY_SEND_LOGS'],
    ['another is told its address', service + seq + other, 'fail NO_AGENT'],
    ['it is not running', service + server('datalust/seq:2024.3', 80, { ready: false }), 'fail NO_AGENT'],
    ['it shows what others keep', service + server('docker.elastic.co/kibana/kibana:9.1', 5601), 'fail NO_AGENT'],
    [
      'an agent feeds it',
      service +
        agent('fluent/fluent-bit:4.2', { env: '{ name: LOKI_URL, value: "http://logserver.shop:3100" }' }) +
        server('grafana/loki:3.4', 3100),
      'pass LOGS_FOLLOWED',
    ],
    [
      'a store does not push',
      `${workload('it', '{ name: it, image: "postgres:17" }')}${serviceOf('it', 5432)}${seq}`,
      'fail NO_AGENT',
    ],
  ])('%s', (_, yaml, verdict) => {
    expect(judge(yaml)).toBe(verdict);
    for (const part of [...centralizedLogging.reads.needs, ...centralizedLogging.reads.uses])
      expect([verdict.split(' ')[0], 'unknown'], `without ${part}`).toContain(
        judge(`reads: { ${part}: forbidden }\n---\n${yaml}`).split(' ')[0],
      );
  });
});

const collector = workload('collector', '{ name: c, image: "otel/opentelemetry-collector:0.140.0" }');

describe('an address that carries no logs', () => {
  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 4317, 'unknown MAY_SEND_LOGS'],
    ['COLLECTOR_HOST', 8080, 'unknown MAY_SEND_LOGS'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 4317, 'fail NO_AGENT'],
    ['METRICS_URL', 4318, 'fail NO_AGENT'],
    ['COLLECTOR_URL', 9411, 'fail NO_AGENT'],
    ['COLLECTOR_URL', 14268, 'fail NO_AGENT'],
    ['OC_AGENT_HOST', 55678, 'fail NO_AGENT'],
  ])('%s on port %i', (name, port, verdict) =>
    expect(judge(told(name, `http://collector:${port}`) + collector + serviceOf('collector', port))).toBe(verdict),
  );
});

test('the address of an agent says what it is', () => {
  const fluentd = workload('fluentd', '{ name: f, image: "fluent/fluentd:v1.19" }') + serviceOf('fluentd', 24224);
  expect(judge(told('FLUENTD_HOST', 'fluentd:24224') + fluentd)).toBe('unknown MAY_SEND_LOGS');
});
