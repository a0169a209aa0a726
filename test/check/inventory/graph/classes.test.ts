import { describe, expect, test } from 'vitest';
import { buildFacts } from '../../../../src/check/inventory/facts.ts';
import { roleOfImage } from '../../../../src/check/inventory/technologies/images.ts';
import { logAgents } from '../../../../src/check/inventory/telemetry/log-agents.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';

const service = (containers: string, extra = {}) => workload('it', containers, extra) + serviceOf('it');

/** The class of what is named `it`: "platform mesh". */
const classOf = (yaml: string): string => {
  const { header, objects } = objectsIn(yaml);
  const facts = buildFacts(snapshotOf(objects, header));
  const it = facts.components.find(({ name }) => name === 'it');
  const found = it && facts.classOf(it);
  return [found?.class, ...(found?.role ? [found.role] : [])].join(' ');
};

describe('who plays the users', () => {
  const env = (...names: string[]) =>
    `{ name: it, image: "shop/it:1", env: [${names.map((name) => `{ name: ${name}, value: "1" }`).join(', ')}] }`;

  test.each([
    'LOCUST_USERS',
    'LOCUST_SPAWN_RATE',
    'LOCUST_RUN_TIME',
    'LOCUST_LOCUSTFILE',
    'LOCUST_HEADLESS',
    'LOCUST_AUTOSTART',
    'K6_VUS',
    'K6_DURATION',
    'K6_ITERATIONS',
    'K6_STAGES',
    'JMETER_THREADS',
  ])('%s says how it runs', (name) => {
    expect(classOf(service(env(name)))).toBe('load');
  });

  test.each([['LOCUST_WEB_HOST', 'LOCUST_WEB_PORT'], ['K6_RESULTS_URL'], ['JMETER_RESULTS_BUCKET']])(
    '%s says where its page or its results are',
    (...names) => {
      expect(classOf(service(env(...names)))).toBe('application');
    },
  );

  test('LOCUST_HOST is its target, or where others find Locust', () => {
    expect(classOf(workload('it', env('LOCUST_HOST')))).toBe('load');
    expect(classOf(service(env('LOCUST_HOST')))).toBe('application');
  });
});

describe('a container with the name of a sidecar', () => {
  const only = (name: string, image: string) => `{ name: ${name}, image: "${image}" }`;

  test.each([
    ['istio-proxy', 'docker.io/istio/proxyv2:1.27.0', 'platform mesh'],
    ['istio-proxy', 'auto', 'platform mesh'],
    ['linkerd-proxy', 'cr.l5d.io/linkerd/proxy:edge-25.9.1', 'platform mesh'],
    ['otc-container', 'otel/opentelemetry-collector-contrib:0.130.0', 'platform collector'],
    ['vault-agent', 'hashicorp/vault:1.20', 'platform tool'],
    ['cloud-sql-proxy', 'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.18.0', 'store'],
    ['istio-proxy', 'shop/it:1', 'application'],
  ])('alone, %s of %s is what its image says', (name, image, said) => {
    expect(classOf(service(only(name, image)))).toBe(said);
    expect(classOf(service(`{ name: it, image: "shop/it:1" }, ${only(name, image)}`))).toBe('application');
  });

  test('a proxy of a store that nobody calls by name is no store', () => {
    expect(classOf(workload('it', only('cloudsql', 'gcr.io/cloudsql-docker/gce-proxy:1.37.10')))).toBe('platform tool');
  });

  test('an image that is filled in is the one of the pods', () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: { name: it-1, labels: { app: it }, ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: it, uid: "", controller: true }] }
spec: { containers: [{ name: istio-proxy, image: "otel/opentelemetry-collector:0.130.0" }] }
`;
    expect(classOf(`raw: true\n---\n${service(only('istio-proxy', 'auto'))}${pod}`)).toBe('platform collector');
  });

  test.each([
    [', ownerReferences: [{ apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, name: x, uid: "" }]', 'gateway'],
    [', labels: { gateway.networking.k8s.io/gateway-name: x }', 'gateway'],
    [
      ', ownerReferences: [{ apiVersion: opentelemetry.io/v1beta1, kind: OpenTelemetryCollector, name: x, uid: "" }]',
      'collector',
    ],
  ])('what is made for an object of the platform is part of it: %s', (metadata, role) => {
    expect(classOf(service(only('it', 'mirror/it:1'), { metadata }))).toBe(`platform ${role}`);
  });

  test('a collector of the operator follows the logs of its node', () => {
    const container =
      '{ name: otc-container, image: "otel/opentelemetry-collector-contrib:0.130.0", volumeMounts: [{ name: c, mountPath: /c }] }';
    const podSpec = ', volumes: [{ name: c, configMap: { name: c } }, { name: logs, hostPath: { path: /var/log } }]';
    const config =
      'exporters: { otlp: {} }\nservice: { pipelines: { logs: { receivers: [filelog], exporters: [otlp] } } }';
    const { objects } = objectsIn(
      `${workload('it', container, { kind: 'DaemonSet', podSpec })}apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { c.yaml: ${JSON.stringify(config)} }\n`,
    );
    const [agent] = logAgents(buildFacts(snapshotOf(objects)));
    expect(agent).toMatchObject({ workload: { name: 'it' }, destination: 'somewhere' });
  });

  test('an owner of another group makes it no gateway', () => {
    const metadata = ', ownerReferences: [{ apiVersion: shop.example/v1, kind: Gateway, name: x, uid: "" }]';
    expect(classOf(service(only('it', 'mirror/it:1'), { metadata }))).toBe('application');
  });
});

test.each([
  ['shop/invoice-exporter', undefined],
  ['shop/store-exporter', undefined],
  ['shop/tempo-planner', undefined],
  ['shop/pilot-roster', undefined],
  ['shop/contour-map', undefined],
  ['shop/vault-payments', undefined],
  ['shop/hey-chat', undefined],
  ['shop/order-kafka-listener', undefined],
  ['shop/kafka-orders', undefined],
  ['shop/price-oracle', undefined],
  ['shop/database/price-oracle', undefined],
  ['shop/redis-writer', undefined],
  ['shop/express-mongo', undefined],
  ['quay.io/brancz/prometheus-example-app', undefined],
  ['quay.io/prometheus/node-exporter', 'metrics'],
  ['oliver006/redis_exporter', 'metrics'],
  ['natsio/prometheus-nats-exporter', 'metrics'],
  ['prometheuscommunity/json-exporter', 'metrics'],
  ['registry.k8s.io/prometheus-adapter/prometheus-adapter', 'metrics'],
  ['wavefronthq/proxy', 'metrics'],
  ['grafana/tempo-query', 'tracing'],
  ['docker.elastic.co/apm/apm-server', 'tracing'],
  ['icr.io/instana/agent', 'tracing'],
  ['grafana/loki-canary', 'logs'],
  ['datalust/seq', 'logs'],
  ['hashicorp/consul-k8s-control-plane', 'registry'],
  ['mirror/vault', 'tool'],
  ['zalando/postgres-operator', 'tool'],
  ['ghcr.io/projectcontour/contour', 'gateway'],
  ['williamyeh/hey', 'load'],
  ['shop/locust-tests', 'load'],
  ['apache/activemq-artemis', 'broker'],
  ['eclipse-mosquitto', 'broker'],
  ['confluentinc/cp-kafka', 'broker'],
  ['gvenzl/oracle-free', 'store'],
  ['container-registry.oracle.com/database/free', 'store'],
  ['registry.redhat.io/rhel8/postgresql-12', 'store'],
  ['percona/percona-server-mongodb', 'store'],
  ['shop/session-redis', 'store'],
  ['shop/ts-order-mongo', 'store'],
  ['shop/rs-mysql-db', 'store'],
  ['k8s.gcr.io/fluentd-elasticsearch', 'agent'],
])('image %s: %s', (image, role) => expect(roleOfImage(`${image}:1`)).toBe(role));

test('a word in a name gives way to what answers', () => {
  const probed = (image: string, probe: string) =>
    service(`{ name: it, image: "${image}", readinessProbe: { ${probe} } }`);
  expect(classOf(probed('shop/session-redis:1', 'httpGet: { path: /, port: 8080 }'))).toBe('application');
  expect(classOf(probed('shop/session-redis:1', 'grpc: { port: 6379 }'))).toBe('application');
  expect(classOf(probed('shop/session-redis:1', 'tcpSocket: { port: 6379 }'))).toBe('store');
  expect(classOf(probed('shop/orders-elasticsearch:1', 'httpGet: { path: /, port: 9200 }'))).toBe('store');
  expect(classOf(probed('bitnami/redis-cluster:8', 'httpGet: { path: /, port: 8080 }'))).toBe('store');
});

describe('what only calls services plays the users', () => {
  const users = (settings: string, podSpec = '') =>
    workload('it', `{ name: it, image: "shop/it:1", env: [{ name: TARGET_URL, value: "http://orders" }${settings}`, {
      podSpec,
    }) +
    workload('orders', '{ name: orders, image: "shop/orders:1", readinessProbe: { httpGet: { path: /, port: 80 } } }') +
    serviceOf('orders') +
    workload('mail', '{ name: mail, image: "shop/mail:1", readinessProbe: { httpGet: { path: /, port: 80 } } }') +
    serviceOf('mail', 25);
  const secret = (name: string) => `, { name: ${name}, valueFrom: { secretKeyRef: { name: s, key: k } } }`;
  const mount = '] , volumeMounts: [{ name: v, mountPath: /v }] }';
  const configMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: ${data}\n`;

  test.each([
    ['nothing but an address', users('] }'), 'load'],
    ['a password', users(`${secret('API_PASSWORD')}] }`), 'load'],
    ['the address of a queue in a Secret', users(`${secret('RABBITMQ_URL')}] }`), 'application'],
    ['anything in a Secret', users(`${secret('RABBITMQ')}] }`), 'application'],
    ['a whole Secret', users('], envFrom: [{ secretRef: { name: s } }] }'), 'application'],
    ['a ConfigMap that was not seen', users('], envFrom: [{ configMapRef: { name: c } }] }'), 'application'],
    [
      'a ConfigMap that was seen',
      users('], envFrom: [{ configMapRef: { name: c } }] }') + configMap('{ CART_URL: "http://orders:80" }'),
      'load',
    ],
    [
      'a file',
      users(mount, ', volumes: [{ name: v, configMap: { name: c } }]') + configMap('{ a.json: "{}" }'),
      'application',
    ],
    ['files of a Secret', users(mount, ', volumes: [{ name: v, secret: { secretName: s } }]'), 'application'],
    ['a folder to write in', users(mount, ', volumes: [{ name: v, emptyDir: {} }]'), 'load'],
    ['a service elsewhere', users(', { name: PAY_URL, value: "https://pay.example.com" }] }'), 'application'],
  ])('%s', (_, yaml, said) => expect(classOf(yaml)).toBe(said));

  test('where its mail or its lines go is no service that it calls', () => {
    const only = (name: string, value: string) =>
      users('] }').replace('TARGET_URL, value: "http://orders"', `${name}, value: "${value}"`);
    expect(classOf(only('MAILER', 'http://mail:25'))).toBe('application');
    expect(classOf(only('LOG_URL', 'http://orders'))).toBe('application');
    expect(classOf(only('SHOP_URL', 'http://orders'))).toBe('load');
  });
});
