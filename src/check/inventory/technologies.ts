import { imageReference } from './images.ts';

/**
 * What a workload is for, as far as its image tells. `store` and `broker` are judged, the rest is the platform that
 * services run on.
 */
export type Role =
  | 'store'
  | 'broker'
  | 'collector'
  | 'tracing'
  | 'logs'
  | 'agent'
  | 'gateway'
  | 'mesh'
  | 'metrics'
  | 'registry'
  | 'tool'
  | 'load';

const words = (list: string): string[] => list.trim().split(/\s+/);

/** By words of the image's name; the first row that fits wins. */
const images: readonly (readonly [Role, readonly string[]])[] = [
  ['load', words('locust k6 jmeter gatling vegeta fortio wrk hey artillery loadgen loadgenerator oha')],
  ['agent', words('fluentd fluentbit promtail alloy filebeat rsyslog cloudwatch logspout')],
  ['tracing', words('jaeger zipkin tempo skywalking apm hypertrace signoz')],
  ['collector', words('otelcol opentelemetrycollector otelcontribcol otelcollector adot opencensus')],
  ['logs', words('loki logstash kibana graylog')],
  ['gateway', words('traefik kong envoy apisix krakend tyk gloo emissary ambassador contour haproxy kourier')],
  ['mesh', words('istiod pilot proxyv2 linkerd kuma kumactl dapr daprd ztunnel')],
  ['registry', words('consul eureka nacos')],
  ['metrics', words('prometheus grafana alertmanager thanos mimir cadvisor exporter victoriametrics kubecost kiali')],
  [
    'tool',
    words('pgadmin phpmyadmin adminer kafdrop akhq certmanager externaldns metricsserver coredns vault flagger'),
  ],
  ['broker', words('rabbitmq nats kafka redpanda pulsar activemq artemis mosquitto emqx vernemq nsq nsqd hivemq')],
  [
    'store',
    words(`postgres postgresql postgis timescaledb mysql mariadb percona mongo mongodb documentdb redis valkey keydb dragonfly
      memcached cassandra scylla cockroach cockroachdb elasticsearch opensearch neo4j minio etcd influxdb clickhouse couchdb
      couchbase mssql arangodb rethinkdb dgraph zookeeper eventstore solr dynamodb oracle db2 tidb yugabyte surrealdb ferretdb`),
  ],
];

/** Names of two words that say one thing. */
const joined: readonly (readonly [RegExp, string])[] = [
  [/fluent-bit/, 'fluentbit'],
  [/(opentelemetry|otel)-(operator-)?collector/, 'otelcollector'],
  [/otel-contrib-col/, 'otelcontribcol'],
  [/cert-manager/, 'certmanager'],
  [/external-dns/, 'externaldns'],
  [/metrics-server/, 'metricsserver'],
  [/mongo-express|kafka-ui|kafka-manager|redis-?commander|redis-?insight|mailhog|mailpit|maildev/, 'pgadmin'],
  [/kube-state-metrics/, 'prometheus'],
  [/elastic-agent/, 'filebeat'],
  [/eureka-server/, 'eureka'],
  [/aws-otel/, 'adot'],
];

/** Images whose name would be read wrongly, or whose meaning is in the path. */
const byRepository: readonly (readonly [RegExp, Role])[] = [
  [/ingress-nginx\/controller$|nginx\/nginx-ingress$|nginx-ingress-controller$/, 'gateway'],
  [/datadog\/agent$|gcr\.io\/datadoghq\/agent$|amazon\/aws-for-fluent-bit$|newrelic\/.*fluentbit/, 'agent'],
  [/(^|\/)(jaegertracing|openzipkin)\/|grafana\/tempo|apache\/skywalking-oap/, 'tracing'],
  [/mssql\/server$|azure-sql-edge$/, 'store'],
  [/istio\/(pilot|proxyv2)$/, 'mesh'],
  [/(timberio|vectordotdev)\/vector$/, 'agent'],
  [/splunk\/(fluentd|splunk-otel)|newrelic\/newrelic-fluentbit/, 'agent'],
];

/** A word that makes a name mean something else than the technology in it. */
const other = new Set(
  words(
    'client service api worker backup migrate migration migrations ui web app consumer producer init setup sidecar job demo adapter bridge connector',
  ),
);

/** The role that an image stands for, or undefined: an application, or something we do not know. */
export function roleOfImage(image: string | undefined): Role | undefined {
  if (!image) return undefined;
  const { repository, name } = imageReference(image);
  for (const [pattern, role] of byRepository) if (pattern.test(repository)) return role;
  const folded = joined.reduce((folded, [pattern, word]) => folded.replace(pattern, word), name);
  const parts = folded.split(/[-_.]/);
  for (const [role, names] of images) {
    if (!parts.some((part) => names.includes(part))) continue;
    if (parts.includes('operator')) return 'tool';
    if (role !== 'load' && role !== 'metrics' && parts.some((part) => other.has(part))) continue;
    return role;
  }
  return undefined;
}

export interface PortMeaning {
  protocol: string;
  role: 'store' | 'broker';
}

const store = (protocol: string): PortMeaning => ({ protocol, role: 'store' });
const broker = (protocol: string): PortMeaning => ({ protocol, role: 'broker' });

/** Ports that one technology is known by (IANA registrations and the projects' defaults). */
export const wellKnownPorts: ReadonlyMap<number, PortMeaning> = new Map([
  [1433, store('sqlserver')],
  [3306, store('mysql')],
  [5432, store('postgresql')],
  [5984, store('couchdb')],
  [6379, store('redis')],
  [7687, store('neo4j')],
  [9042, store('cassandra')],
  [11211, store('memcached')],
  [26257, store('cockroachdb')],
  [27017, store('mongodb')],
  [1883, broker('mqtt')],
  [4222, broker('nats')],
  [5671, broker('amqps')],
  [5672, broker('amqp')],
  [6650, broker('pulsar')],
  [9092, broker('kafka')],
  [61616, broker('openwire')],
]);

/** What a URI scheme says about the thing it names. */
export const schemeRole = (scheme: string): 'store' | 'broker' | undefined => {
  const plain = scheme.toLowerCase().split('+')[0] ?? '';
  if (/^(amqps?|nats|kafka|mqtts?|pulsar|stomp|tls\+nats)$/.test(plain)) return 'broker';
  return /^(postgres|postgresql|mysql|mariadb|mongodb|redis|rediss|valkey|sqlserver|mssql|couchdb|cassandra|neo4j|bolt|memcached|oracle|cockroachdb|clickhouse)$/.test(
    plain,
  )
    ? 'store'
    : undefined;
};

/** Containers that a mesh or a platform puts beside an app: they are never the app. */
const sidecars: Readonly<Record<string, string>> = {
  'istio-proxy': 'istio',
  'linkerd-proxy': 'linkerd',
  daprd: 'dapr',
  'kuma-sidecar': 'kuma',
  'consul-dataplane': 'consul',
  'envoy-sidecar': 'consul',
  'vault-agent': 'vault',
  'cloud-sql-proxy': 'cloudsql',
  cloudsql: 'cloudsql',
  'queue-proxy': 'knative',
  'otc-container': 'opentelemetry',
};

export const sidecarKind = (containerName: string): string | undefined =>
  Object.hasOwn(sidecars, containerName) ? sidecars[containerName] : undefined;
