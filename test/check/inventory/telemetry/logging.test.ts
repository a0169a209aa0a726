import { describe, expect, test } from 'vitest';
import centralizedLogging from '../../../../src/check/checks/centralized-logging.ts';
import { runChecks } from '../../../../src/check/run-checks.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
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
  'splunk/fluentd-hec:1.3',
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

const switches = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `{ name: ${name}, value: ${JSON.stringify(value)} }`)
    .join(', ');
const datadog = (values: Record<string, string>, image = 'gcr.io/datadoghq/agent:7.70') =>
  agent(image, { path: '/var/log/pods', env: switches(values) });
const on = { DD_LOGS_ENABLED: 'true', DD_LOGS_CONFIG_CONTAINER_COLLECT_ALL: 'true' };
const annotated = (key: string, value: string) =>
  workload('it', '{ name: it, image: "shop/it:1" }', { podMetadata: `, annotations: { ${key}: ${value} }` });

describe('Datadog’s agent', () => {
  test.each([
    ['takes all logs', datadog(on), 'pass LOGS_FOLLOWED'],
    ['of another registry', datadog(on, 'public.ecr.aws/datadog/agent:7'), 'pass LOGS_FOLLOWED'],
    ['takes logs of whoever asks', datadog({ DD_LOGS_ENABLED: 'true' }), 'fail AGENT_TAKES_NONE'],
    ['takes none', datadog({ ...on, DD_LOGS_ENABLED: 'false' }), 'fail AGENT_TAKES_NONE'],
    ['is told nothing of logs', datadog({ DD_SITE: 'datadoghq.eu' }), 'fail AGENT_TAKES_NONE'],
    [
      'leaves other namespaces out',
      datadog({ ...on, DD_CONTAINER_EXCLUDE: 'kube_namespace:^bank$' }),
      'pass LOGS_FOLLOWED',
    ],
    [
      'leaves its namespace out',
      datadog({ ...on, DD_CONTAINER_EXCLUDE_LOGS: 'kube_namespace:^shop$' }),
      'fail AGENT_TAKES_NONE',
    ],
    ['leaves all out', datadog({ ...on, DD_CONTAINER_EXCLUDE: 'kube_namespace:.*' }), 'fail AGENT_TAKES_NONE'],
    [
      'leaves all out but its namespace',
      datadog({ ...on, DD_CONTAINER_EXCLUDE: 'name:.*', DD_CONTAINER_INCLUDE: 'kube_namespace:shop' }),
      'pass LOGS_FOLLOWED',
    ],
    ['leaves its image out', datadog({ ...on, DD_CONTAINER_EXCLUDE: 'image:shop/.*' }), 'fail AGENT_TAKES_NONE'],
    ['by a pattern nobody runs', datadog({ ...on, DD_CONTAINER_EXCLUDE: 'name:(a+)+' }), 'unknown DECIDED_ELSEWHERE'],
    [
      'sends them to nothing',
      datadog({ ...on, DD_OBSERVABILITY_PIPELINES_WORKER_LOGS_URL: 'http://gone:8282' }),
      'warn DESTINATION_ABSENT',
    ],
    [
      'knows its own cluster agent',
      datadog({ ...on, DD_CLUSTER_AGENT_URL: 'https://cluster-agent.logs.svc:5005' }),
      'pass LOGS_FOLLOWED',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(service + yaml)).toBe(verdict));

  test('is asked, or refused, by the annotation of a pod', () => {
    const asked = annotated('ad.datadoghq.com/it.logs', `'[{"source":"it"}]'`);
    expect(judge(asked + datadog({ DD_LOGS_ENABLED: 'true' }))).toBe('pass LOGS_FOLLOWED');
    expect(judge(asked + datadog({}))).toBe('fail AGENT_TAKES_NONE');
    expect(judge(annotated('ad.datadoghq.com/logs_exclude', '"true"') + datadog(on))).toBe('fail AGENT_TAKES_NONE');
  });

  test('whose switches may stand in a Secret leaves it open', () => {
    const hidden = datadog({}).replace('env: []', 'envFrom: [{ secretRef: { name: s } }]');
    expect(judge(service + hidden)).toBe('unknown DECIDED_ELSEWHERE');
  });

  test('may read by a socket of the node, which depends on the node', () => {
    const bySocket = agent('gcr.io/datadoghq/agent:7.70', { path: '/var/run/docker.sock', env: switches(on) });
    expect(judge(service + bySocket)).toBe('unknown DECIDED_ELSEWHERE');
    expect(judge(service + agent('gcr.io/datadoghq/agent:7.70', { path: '/proc', env: switches(on) }))).toBe(
      'fail NO_AGENT',
    );
  });

  test('is told by its own file', () => {
    const yaml = (logs: boolean) =>
      datadog({})
        .replace('volumes: [', 'volumes: [{ name: config, configMap: { name: dd } }, ')
        .replace('volumeMounts: [', 'volumeMounts: [{ name: config, mountPath: /config }, ') +
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: dd, namespace: logs }\ndata:\n  datadog.yaml: |\n    logs_enabled: ${logs}\n    logs_config:\n      container_collect_all: true\n---\n`;
    expect(judge(service + yaml(true))).toBe('pass LOGS_FOLLOWED');
    expect(judge(service + yaml(false))).toBe('fail AGENT_TAKES_NONE');
    expect(judge(`reads: { configmaps: forbidden }\n---\n${service}${yaml(true)}`)).toBe('unknown DECIDED_ELSEWHERE');
  });
});

describe('the agent of another vendor', () => {
  test.each([
    ['New Relic', agent('newrelic/newrelic-fluentbit-output:2.3'), 'pass LOGS_FOLLOWED'],
    ['Mezmo', agent('logdna/logdna-agent:3.9'), 'pass LOGS_FOLLOWED'],
    [
      'Dynatrace, whose OneAgent is told by its own pages',
      agent('public.ecr.aws/dynatrace/dynatrace-oneagent:1.3', { path: '/' }),
      'unknown DECIDED_ELSEWHERE',
    ],
    ['Dynatrace’s module for logs', agent('public.ecr.aws/dynatrace/dynatrace-logmodule:1.3'), 'pass LOGS_FOLLOWED'],
    [
      'Azure Monitor',
      agent('mcr.microsoft.com/azuremonitor/containerinsights/ciprod:3.1', { path: '/var/lib/docker/containers' }),
      'unknown DECIDED_ELSEWHERE',
    ],
    [
      'Elastic, told by Fleet',
      agent('docker.elastic.co/elastic-agent/elastic-agent:9.1', {
        env: switches({ FLEET_URL: 'https://fleet:8220' }),
      }),
      'unknown DECIDED_ELSEWHERE',
    ],
    [
      'Elastic, with nothing to see',
      agent('docker.elastic.co/elastic-agent/elastic-agent:9.1'),
      'unknown DECIDED_ELSEWHERE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(service + yaml)).toBe(verdict));

  test('Elastic’s that stands alone has inputs in its own file', () => {
    const yaml = (input: string) =>
      configured(
        `outputs:\n  default: { type: elasticsearch, hosts: ["http://store:9200"] }\ninputs:\n  - id: a\n    type: ${input}\n`,
      ).replaceAll('fluent/fluent-bit:4.2', 'docker.elastic.co/elastic-agent/elastic-agent:9.1');
    expect(judge(service + yaml('filestream') + store)).toBe('pass LOGS_FOLLOWED');
    expect(judge(service + yaml('filestream'))).toBe('warn DESTINATION_ABSENT');
    expect(judge(service + yaml('kubernetes/metrics') + store)).toBe('fail AGENT_TAKES_NONE');
  });
});

const reader = (config: string, { kind = 'Deployment', image = 'grafana/alloy:v1.11' } = {}) =>
  `${workload('alloy', `{ name: alloy, image: "${image}", volumeMounts: [{ name: c, mountPath: /etc/alloy }] }`, {
    kind: kind as 'Deployment',
    metadata: ', namespace: logs',
    podSpec: ', volumes: [{ name: c, configMap: { name: alloy } }]',
  })}apiVersion: v1\nkind: ConfigMap\nmetadata: { name: alloy, namespace: logs }\ndata: { config.alloy: ${JSON.stringify(config)} }\n---\n`;
const pods = (limits = '') => `discovery.kubernetes "pods" {\n  role = "pod"\n  ${limits}\n}\n`;
const byApi = (kind = 'kubernetes', to = 'loki.write.store.receiver') =>
  `loki.source.${kind} "pods" {\n  targets = discovery.kubernetes.pods.targets\n  forward_to = [${to}]\n}\n`;
const write = (url: string) => `loki.write "store" {\n  endpoint { url = "${url}" }\n}\n`;
const toStore = write('http://store.logs.svc:9200/loki/api/v1/push');
const process =
  'loki.process "parse" {\n  forward_to = [loki.write.store.receiver]\n  stage.json { expressions = { "a" = "b" } }\n}\n';

const relabelled = (action: string, label: string) =>
  `${pods()}discovery.relabel "some" {\n  targets = discovery.kubernetes.pods.targets\n  rule {\n    source_labels = ["${label}"]\n    regex = "x"\n    action = "${action}"\n  }\n}\n${byApi().replace('discovery.kubernetes.pods.targets', 'discovery.relabel.some.output')}${toStore}`;

describe('an agent that reads logs by the API', () => {
  test.each([
    ['one for the whole cluster', pods() + byApi() + toStore, 'pass LOGS_FOLLOWED'],
    [
      'through a process',
      pods() + byApi('kubernetes', 'loki.process.parse.receiver') + process + toStore,
      'pass LOGS_FOLLOWED',
    ],
    ['by PodLogs, which select what nobody here reads', byApi('podlogs') + toStore, 'unknown AGENT_CHOOSES'],
    ['of pods that a rule keeps', relabelled('keep', '__meta_kubernetes_pod_label_app'), 'unknown AGENT_CHOOSES'],
    ['of pods that a rule drops', relabelled('drop', '__meta_kubernetes_namespace'), 'unknown AGENT_CHOOSES'],
    ['of pods on its nodes', relabelled('keep', '__meta_kubernetes_pod_node_name'), 'pass LOGS_FOLLOWED'],
    ['of pods whose labels are renamed', relabelled('replace', '__meta_kubernetes_namespace'), 'pass LOGS_FOLLOWED'],
    [
      'of pods with a label',
      pods('selectors { role = "pod" label = "app=bank" }') + byApi() + toStore,
      'unknown AGENT_CHOOSES',
    ],
    [
      'dropping lines of some',
      pods() +
        byApi('kubernetes', 'loki.process.parse.receiver') +
        process.replace(
          'stage.json {',
          'stage.match {\n selector = "{app=\\"it\\"}"\n action = "drop"\n }\n stage.json {',
        ) +
        toStore,
      'unknown AGENT_CHOOSES',
    ],
    ['only events', byApi('kubernetes_events') + toStore, 'fail NO_AGENT'],
    ['of its namespace', pods('namespaces { names = ["shop"] }') + byApi() + toStore, 'pass LOGS_FOLLOWED'],
    ['of another namespace', pods('namespaces { names = ["bank"] }') + byApi() + toStore, 'fail AGENT_TAKES_NONE'],
    ['of its own namespace', pods('namespaces { own_namespace = true }') + byApi() + toStore, 'fail AGENT_TAKES_NONE'],
    ['into nothing', pods() + byApi() + write('http://gone.logs.svc:3100'), 'warn DESTINATION_ABSENT'],
    [
      'to print them',
      `${pods() + byApi('kubernetes', 'loki.echo.out.receiver')}loki.echo "out" { }\n`,
      'warn DESTINATION_NOWHERE',
    ],
    [
      'to an address nobody sees',
      `${pods() + byApi()}loki.write "store" {\n  endpoint { url = sys.env("WHERE") }\n}\n`,
      'warn DESTINATION_HIDDEN',
    ],
    ['into a module', pods() + byApi('kubernetes', 'shared.out.receiver'), 'warn DESTINATION_HIDDEN'],
    [
      'not at all',
      `${pods()}prometheus.scrape "pods" {\n  targets = discovery.kubernetes.pods.targets\n}\n`,
      'fail NO_AGENT',
    ],
    ['in a comment alone', `/* ${byApi()} */\n${pods()}${toStore}`, 'fail NO_AGENT'],
  ])('%s', (_, config, verdict) => expect(judge(service + reader(config) + store)).toBe(verdict));

  test('on its own node alone has to run there', () => {
    const own = pods('selectors { role = "pod" field = "spec.nodeName=" + sys.env("HOSTNAME") }');
    expect(judge(service + reader(own + byApi() + toStore, { kind: 'DaemonSet' }) + store)).toBe('pass LOGS_FOLLOWED');
    const elsewhere = `apiVersion: v1\nkind: Pod\nmetadata: { name: it-0, labels: { app: it }, ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: it, uid: "", controller: true }] }\nspec: { nodeName: node-9, containers: [{ name: it, image: "shop/it:1" }] }\nstatus: { phase: Running, conditions: [{ type: Ready, status: "True" }] }\n---\n`;
    expect(judge(service + elsewhere + reader(own + byApi() + toStore, { kind: 'DaemonSet' }) + store)).toBe(
      'fail NOT_FOLLOWED',
    );
    expect(judge(service + elsewhere + reader(pods() + byApi() + toStore) + store)).toBe('pass LOGS_FOLLOWED');
  });

  test('of the kinds that read objects and events of the API, a collector’s read no logs', () => {
    const config = `receivers: { k8sobjects: {}, k8s_events: {} }\nexporters: { otlp: { endpoint: "store.logs.svc:9200" } }\nservice:\n  pipelines:\n    logs: { receivers: [k8sobjects, k8s_events], exporters: [otlp] }\n`;
    expect(judge(service + reader(config, { image: 'otel/opentelemetry-collector-contrib:0.140.0' }) + store)).toBe(
      'fail NO_AGENT',
    );
  });
});

describe('an agent by its configuration, not by its mounts', () => {
  const collectorOf = (receivers: string, path = '/var/log/pods') =>
    configured(
      `exporters:\n  otlp: { endpoint: "store:9200" }\nservice:\n  pipelines:\n    logs: { receivers: [${receivers}], exporters: [otlp] }\n`,
    )
      .replaceAll('fluent/fluent-bit:4.2', 'otel/opentelemetry-collector-contrib:0.140.0')
      .replace('path: /var/log ', `path: ${path} `);
  const fixOf = (yaml: string) => {
    const run = runChecks(snapshotOf(objectsIn(yaml).objects), {
      startedAt: '',
      today: '2026-01-01',
      checks: [centralizedLogging],
    });
    return run.results.find(({ subject }) => subject.name === 'it')?.findings[0]?.fix;
  };

  test.each([
    ['a collector that reads files', collectorOf('filelog'), 'pass LOGS_FOLLOWED'],
    ['a collector that only receives', collectorOf('otlp'), 'fail NO_AGENT'],
    [
      'Fluent Bit that only receives',
      configured('[INPUT]\n    Name forward\n[OUTPUT]\n    Name es\n    Host store\n    Port 9200\n'),
      'fail NO_AGENT',
    ],
    [
      'Fluentd that only receives',
      configured('<source>\n  @type forward\n</source>\n<match **>\n  @type elasticsearch\n  host store\n</match>\n'),
      'fail NO_AGENT',
    ],
    [
      'Vector that only receives',
      configured(
        'sources:\n  in:\n    type: vector\nsinks:\n  out:\n    type: elasticsearch\n    endpoints: ["http://store:9200"]\n',
      ),
      'fail NO_AGENT',
    ],
    [
      'Fluent Bit whose inputs stand elsewhere',
      configured(
        '@INCLUDE inputs.conf\n[INPUT]\n    Name forward\n[OUTPUT]\n    Name es\n    Host store\n    Port 9200\n',
      ),
      'pass LOGS_FOLLOWED',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(service + yaml + store)).toBe(verdict));

  test('the fix names the collector that is there, and what it lacks', () => {
    expect(fixOf(service + collectorOf('otlp') + store)).toMatch(/Add a filelog receiver .* DaemonSet logs\/agent/);
    expect(fixOf(service + collectorOf('filelog', '/data') + store)).toMatch(
      /^Mount \/var\/log\/pods .* DaemonSet logs\/agent/,
    );
    expect(fixOf(service)).toMatch(/^Run one agent a node/);
  });
});

const shared = ', volumes: [{ name: logs, emptyDir: {} }, { name: config, configMap: { name: shipper } }]';
const besides = (mount: string, image = 'fluent/fluent-bit:4.2') =>
  workload(
    'it',
    `{ name: it, image: "shop/it:1", volumeMounts: [{ name: logs, mountPath: /logs }] }, { name: shipper, image: "${image}", volumeMounts: [${mount}{ name: config, mountPath: /config }] }`,
    { podSpec: shared },
  );
const shipperFile = (file: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shipper }\ndata: { shipper.conf: ${JSON.stringify(file)} }\n---\n`;
const tails = (host: string, input = 'tail') =>
  `[INPUT]\n    Name ${input}\n    Path /logs/*.log\n[OUTPUT]\n    Name es\n    Host ${host}\n    Port 9200\n`;
const mounted = '{ name: logs, mountPath: /logs }, ';

describe('a shipper beside the app', () => {
  test.each([
    ['that reads what the app writes', besides(mounted) + shipperFile(tails('store.logs.svc')), 'pass LOGS_SHIPPED'],
    [
      'of Vector’s',
      besides(mounted, 'timberio/vector:0.50.0-alpine') +
        shipperFile(
          'sources:\n  in:\n    type: file\nsinks:\n  out:\n    type: elasticsearch\n    endpoints: ["http://store.logs.svc:9200"]\n',
        ),
      'pass LOGS_SHIPPED',
    ],
    [
      'that is a collector',
      besides(mounted, 'otel/opentelemetry-collector-contrib:0.140.0') +
        shipperFile(
          'exporters:\n  otlp: { endpoint: "store.logs.svc:9200" }\nservice:\n  pipelines:\n    logs: { receivers: [filelog], exporters: [otlp] }\n',
        ),
      'pass LOGS_SHIPPED',
    ],
    ['that shares nothing with it', besides('') + shipperFile(tails('store.logs.svc')), 'warn SHIPPER_READS_NOTHING'],
    [
      'that only receives',
      besides(mounted) + shipperFile(tails('store.logs.svc', 'forward')),
      'warn SHIPPER_READS_NOTHING',
    ],
    ['that sends to nothing', besides(mounted) + shipperFile(tails('gone.logs.svc')), 'warn DESTINATION_ABSENT'],
    [
      'that prints',
      besides(mounted) + shipperFile('[INPUT]\n    Name tail\n[OUTPUT]\n    Name stdout\n'),
      'warn DESTINATION_NOWHERE',
    ],
    ['whose configuration nobody sees', besides(mounted), 'warn DESTINATION_HIDDEN'],
    [
      'where ConfigMaps may not be read',
      `reads: { configmaps: forbidden }\n---\n${besides(mounted)}`,
      'unknown NOT_READ',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + store)).toBe(verdict));
});

const otlpApp = (logs: string, config: string) =>
  workload(
    'it',
    `{ name: it, image: "shop/it:1", env: [{ name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://localhost:4317" }${logs}] }, { name: otc-container, image: "x/collector:1", env: [{ name: OTEL_CONFIG, value: ${JSON.stringify(config)} }] }`,
  );
const logsTo = (host: string) =>
  `receivers: { otlp: { protocols: { grpc: {} } } }\nexporters: { otlp: { endpoint: "${host}:9200" } }\nservice:\n  pipelines:\n    logs: { receivers: [otlp], exporters: [otlp] }\n`;
const wanted = ', { name: OTEL_LOGS_EXPORTER, value: otlp }';

describe('logs by OTLP to a collector in its own pod', () => {
  test.each([
    ['asked for', otlpApp(wanted, logsTo('store.logs.svc')), 'pass SENDS_LOGS'],
    [
      'asked for, of a kit that is off',
      otlpApp(`${wanted}, { name: OTEL_SDK_DISABLED, value: "true" }`, logsTo('store.logs.svc')),
      'fail NO_AGENT',
    ],
    ['not asked for', otlpApp('', logsTo('store.logs.svc')), 'unknown MAY_SEND_LOGS'],
    ['into nothing', otlpApp(wanted, logsTo('gone.logs.svc')), 'fail NO_AGENT'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + store)).toBe(verdict));
});

test('a service of which no pod runs has no logs that could end', () => {
  const none = service.replace('spec:', 'spec:\n  replicas: 0');
  expect(judge(none)).toBe('unknown NO_PODS');
  expect(judge(none + datadog(on))).toBe('unknown NO_PODS');
});

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

describe('a mark of its pods that asks to be left out', () => {
  const asked = (key: string, value: string) => annotated(key, `"${value}"`);
  const labelled = workload('it', '{ name: it, image: "shop/it:1" }', { podLabels: ', vector.dev/exclude: "true"' });
  const fluent = (exclude: string) =>
    configured(
      `[INPUT]\n  Name tail\n  Path /var/log/containers/*.log\n[FILTER]\n  Name kubernetes\n${exclude}[OUTPUT]\n  Name es\n  Host store\n  Port 9200\n`,
    );
  const env = '{ name: ES_HOST, value: "https://logs.example.com" }';
  const leftOut = 'fluentbit.io/exclude';
  test.each([
    ['heeded', asked(leftOut, 'true') + fluent('  K8S-Logging.Exclude On\n'), 'fail AGENT_TAKES_NONE'],
    ['not heeded', asked(leftOut, 'true') + fluent('  K8S-Logging.Exclude Off\n'), 'pass LOGS_FOLLOWED'],
    ['not heeded by itself', asked(leftOut, 'true') + fluent(''), 'pass LOGS_FOLLOWED'],
    ['that asks nothing', asked(leftOut, 'false') + fluent('  K8S-Logging.Exclude On\n'), 'pass LOGS_FOLLOWED'],
    [
      'of its container',
      asked(`${leftOut}-it`, 'true') + fluent('  K8S-Logging.Exclude On\n'),
      'fail AGENT_TAKES_NONE',
    ],
    ['of another', asked(`${leftOut}-other`, 'true') + fluent('  K8S-Logging.Exclude On\n'), 'pass LOGS_FOLLOWED'],
    [
      'where nobody sees the switch',
      asked(leftOut, 'true') + agent('fluent/fluent-bit:4.2', { env }),
      'unknown AGENT_CHOOSES',
    ],
    ['for another agent', asked(leftOut, 'true') + agent('timberio/vector:0.50.0', { env }), 'pass LOGS_FOLLOWED'],
    [
      'as a label, which Vector heeds by itself',
      labelled + agent('timberio/vector:0.50.0', { env }),
      'fail AGENT_TAKES_NONE',
    ],
    [
      'as a hint, where nobody sees whether Filebeat takes any',
      asked('co.elastic.logs/enabled', 'false') + agent('docker.elastic.co/beats/filebeat:9.1', { env }),
      'unknown AGENT_CHOOSES',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + store)).toBe(verdict));
});

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

describe('what the files of an agent leave out', () => {
  const config = (text: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: agent, namespace: logs }\ndata:\n  agent.conf: |\n${text
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n')}\n---\n`;
  const reading = (text: string, image: string): string =>
    config(text) +
    workload(
      'agent',
      `{ name: agent, image: "${image}", volumeMounts: [{ name: host, mountPath: /var/log }, { name: c, mountPath: /c }], env: [{ name: ES_HOST, value: "https://logs.example.com" }] }`,
      {
        kind: 'DaemonSet',
        metadata: ', namespace: logs',
        podSpec: ', volumes: [{ name: host, hostPath: { path: /var/log } }, { name: c, configMap: { name: agent } }]',
      },
    );
  const output = '[OUTPUT]\n    Name es\n    Host logs.example.com';
  const tail = (more: string): string => `[INPUT]\n    Name tail\n    ${more}\n${output}`;
  const bit = 'fluent/fluent-bit:4.2';
  const promtailImage = 'grafana/promtail:3.5';
  const beatImage = 'docker.elastic.co/beats/filebeat:9.1';
  const takesNone = 'fail AGENT_TAKES_NONE';
  const promtail = (rule: string): string =>
    `clients: [{ url: "https://loki.example.com/push" }]\nscrape_configs:\n  - relabel_configs:\n${rule}`;
  const excluding = (paths: string): string =>
    `clients: [{ url: "https://loki.example.com/push" }]\nscrape_configs:\n  - static_configs:\n      - labels:\n          __path__: /var/log/pods/*/*/*.log\n          __path_exclude__: ${paths}`;
  const fluentdImage = 'fluent/fluentd-kubernetes-daemonset:v1.19';
  const fluentd = (dropped: string): string =>
    `<source>\n  @type tail\n  path /var/log/containers/*.log\n  tag kubernetes.*\n</source>\n<match ${dropped}>\n  @type null\n</match>\n<match **>\n  @type elasticsearch\n  host logs.example.com\n</match>`;
  const vector =
    'sources:\n  all:\n    type: kubernetes_logs\nsinks:\n  out:\n    type: elasticsearch\n    endpoints: ["https://logs.example.com:9200"]';
  const hints = (more: string): string =>
    `filebeat.autodiscover:\n  providers:\n    - type: kubernetes\n      hints.enabled: true\n      hints.${more}\noutput.elasticsearch:\n  hosts: ["https://logs.example.com:9200"]`;
  const beat = (paths: string): string =>
    `filebeat.inputs:\n  - type: filestream\n    paths:\n      - ${paths}\noutput.elasticsearch:\n  hosts: ["https://logs.example.com:9200"]`;

  test.each([
    ['every file', bit, tail('Path /var/log/containers/*.log'), 'pass LOGS_FOLLOWED'],
    [
      'those of other namespaces',
      bit,
      tail('Path /var/log/containers/*.log\n    Exclude_Path *_kube-system_*,*_monitoring_*'),
      'pass LOGS_FOLLOWED',
    ],
    [
      'those of its namespace',
      bit,
      tail('Path /var/log/containers/*.log\n    Exclude_Path *_kube-system_*,*_shop_*'),
      'fail AGENT_TAKES_NONE',
    ],
    ['all but another namespace', bit, tail('Path /var/log/containers/*_payments_*.log'), 'fail AGENT_TAKES_NONE'],
    ['all but its namespace', bit, tail('Path /var/log/containers/*_shop_*.log'), 'pass LOGS_FOLLOWED'],
    [
      'lines by what they say',
      bit,
      `${tail('Path /var/log/containers/*.log')}\n[FILTER]\n    Name grep\n    Exclude log healthz`,
      'pass LOGS_FOLLOWED',
    ],
    [
      'lines by where they come from',
      bit,
      `${tail('Path /var/log/containers/*.log')}\n[FILTER]\n    Name grep\n    Exclude $kubernetes['namespace_name'] shop`,
      'unknown AGENT_CHOOSES',
    ],
    [
      'targets that a rule drops',
      'grafana/promtail:3.5',
      promtail('      - action: drop\n        source_labels: [__meta_kubernetes_namespace]\n        regex: shop'),
      'unknown AGENT_CHOOSES',
    ],
    [
      'no target, by rules that only rename',
      'grafana/promtail:3.5',
      promtail(
        '      - action: replace\n        source_labels: [__meta_kubernetes_namespace]\n        target_label: namespace',
      ),
      'pass LOGS_FOLLOWED',
    ],
    [
      'pods by their labels',
      'timberio/vector:0.50.0-alpine',
      'sources:\n  all:\n    type: kubernetes_logs\n    extra_label_selector: "logs=yes"\nsinks:\n  out:\n    type: elasticsearch\n    endpoints: ["https://logs.example.com:9200"]',
      'unknown AGENT_CHOOSES',
    ],
    [
      'files of a list',
      'docker.elastic.co/beats/filebeat:9.1',
      'filebeat.inputs:\n  - type: filestream\n    paths:\n      - /var/log/containers/*.log\n    exclude_files:\n      - _shop_\noutput.elasticsearch:\n  hosts: ["https://logs.example.com:9200"]',
      'unknown AGENT_CHOOSES',
    ],
    ['files in folders that it does not go into', bit, tail('Path /var/log/pods/*.log'), 'fail AGENT_TAKES_NONE'],
    [
      'one folder in part, the other whole',
      bit,
      `${tail('Path /var/log/containers/kube-*.log')}\n[INPUT]\n    Name tail\n    Path /var/log/pods/*/*/*.log`,
      'pass LOGS_FOLLOWED',
    ],
    ['one of several names', bit, tail('Path /var/log/containers/*_{shop,payments}_*.log'), 'unknown AGENT_CHOOSES'],
    [
      'lines by where they come from, as YAML',
      bit,
      "pipeline:\n  inputs:\n    - name: tail\n      path: /var/log/containers/*.log\n  filters:\n    - name: grep\n      exclude: $kubernetes['namespace_name'] shop\n  outputs:\n    - name: es\n      host: logs.example.com",
      'unknown AGENT_CHOOSES',
    ],
    [
      'files that Promtail fills in',
      promtailImage,
      promtail('      - target_label: __path__\n        separator: /\n        replacement: /var/log/pods/*$1/*.log'),
      'pass LOGS_FOLLOWED',
    ],
    ['paths of its namespace, in Promtail', promtailImage, excluding('/var/log/pods/shop_*/*/*.log'), takesNone],
    ['paths of others, in Promtail', promtailImage, excluding('/var/log/pods/kube-*/**/*.log'), 'pass LOGS_FOLLOWED'],
    [
      'files that Filebeat fills in, and those that are packed',
      beatImage,
      beat(`/var/log/containers/*\${data.kubernetes.container.id}.log\n    exclude_files: ['\\.gz$']`),
      'pass LOGS_FOLLOWED',
    ],
    [
      'files that it looks for',
      beatImage,
      beat("/var/log/containers/*.log\n    prospector.scanner.exclude_files: ['_shop_']"),
      'unknown AGENT_CHOOSES',
    ],
    [
      'targets that a rule drops, in one line',
      promtailImage,
      promtail('      - { source_labels: [__meta_kubernetes_namespace], regex: shop, action: drop }'),
      'unknown AGENT_CHOOSES',
    ],
    [
      'pods of namespaces that it does not look in',
      promtailImage,
      'clients: [{ url: "https://loki.example.com/push" }]\nscrape_configs:\n  - kubernetes_sd_configs:\n      - role: pod\n        namespaces:\n          names: [payments]',
      'unknown AGENT_CHOOSES',
    ],
    [
      'pods by their namespace, in one line',
      'timberio/vector:0.50.0-alpine',
      'sources: { all: { type: kubernetes_logs, extra_namespace_label_selector: "team!=shop" } }\nsinks: { out: { type: elasticsearch, inputs: [all], endpoints: ["https://logs.example.com:9200"] } }',
      'unknown AGENT_CHOOSES',
    ],
    [
      'what it drops by the tag of its namespace',
      fluentdImage,
      fluentd('kubernetes.var.log.containers.**_shop_**.log'),
      takesNone,
    ],
    [
      'what it drops by the tag of others',
      fluentdImage,
      fluentd('kubernetes.var.log.containers.*_kube-system_*.log fluent.**'),
      'pass LOGS_FOLLOWED',
    ],
    ['what nobody asked it to take', beatImage, hints('default_config.enabled: false'), takesNone],
    ['nothing, with hints', beatImage, hints('default_config.type: container'), 'pass LOGS_FOLLOWED'],
    [
      'more than anybody reads',
      bit,
      tail(`Path /var/log/containers/*.log${'\n    Name tail'.repeat(20_000)}`),
      'unknown AGENT_CHOOSES',
    ],
  ])('%s', (_, image, text, verdict) => expect(judge(service + reading(text, image))).toBe(verdict));

  const marked = (name: string, value: string): string =>
    workload('it', '{ name: it, image: "shop/it:1" }', {
      podMetadata: `, annotations: { ${name}: "${value}" }`,
    });

  test.each([
    [
      'asked by hint',
      beatImage,
      hints('default_config.enabled: false'),
      'co.elastic.logs/enabled',
      'true',
      'pass LOGS_FOLLOWED',
    ],
    ['refused', 'timberio/vector:0.50.0', vector, 'vector.dev/exclude-containers', 'proxy,it', takesNone],
    [
      'refused for another',
      'timberio/vector:0.50.0',
      vector,
      'vector.dev/exclude-containers',
      'proxy',
      'pass LOGS_FOLLOWED',
    ],
  ])('is %s by an annotation of the pod', (_, image, text, name, value, verdict) =>
    expect(judge(marked(name, value) + reading(text, image))).toBe(verdict),
  );

  const filelog = (exclude: string, processors = '', chosen = ''): string =>
    `receivers: { filelog: { include: [/var/log/pods/*/*/*.log], exclude: [${exclude}] } }\nprocessors: { k8sattributes: {}, ${processors} }\nexporters: { otlphttp: { endpoint: "https://logs.example.com" } }\nservice: { pipelines: { logs: { receivers: [filelog], processors: [k8sattributes${chosen}], exporters: [otlphttp] } } }`;
  const byOperator = (config: string): string =>
    `apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: { name: agent, namespace: logs }\nspec:\n  mode: daemonset\n  config:\n${config.replace(/^/gm, '    ')}\n---\n${workload('agent-collector', '{ name: c, image: "otel/opentelemetry-collector-contrib:0.141.0", volumeMounts: [{ name: host, mountPath: /var/log }] }', { kind: 'DaemonSet', metadata: ', namespace: logs', podSpec: ', volumes: [{ name: host, hostPath: { path: /var/log } }]' })}`;
  const health = 'filter/health: { logs: { log_record: [\'IsMatch(body, "healthz")\'] } }';
  const others =
    'filter/others: { logs: { exclude: { match_type: strict, resource_attributes: [{ key: k8s.namespace.name, value: shop }] } } }';
  test.each([
    ['nothing', filelog(''), 'pass LOGS_FOLLOWED'],
    ['its own logs', filelog('/var/log/pods/logs_*/*/*.log'), 'pass LOGS_FOLLOWED'],
    ['those of a namespace', filelog('/var/log/pods/shop_*/*/*.log'), takesNone],
    ['what is said of health', filelog('', health, ', filter/health'), 'pass LOGS_FOLLOWED'],
    ['a namespace, by a processor that no pipeline has', filelog('', others), 'pass LOGS_FOLLOWED'],
    ['a namespace, by a processor', filelog('', others, ', filter/others'), 'unknown AGENT_CHOOSES'],
  ])('a collector that an operator made leaves out %s', (_, config, verdict) =>
    expect(judge(service + byOperator(config))).toBe(verdict),
  );
});
