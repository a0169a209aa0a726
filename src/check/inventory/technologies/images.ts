import { imageReference } from '../kubernetes/images.ts';
import { memoize } from '../memoize.ts';
import { words } from './words.ts';

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
  [/opensearch-dashboards/, 'kibana'],
  [/aws-otel/, 'adot'],
];

/** Images whose name would be read wrongly, or whose meaning is in the path. */
const byRepository: readonly (readonly [RegExp, Role])[] = [
  [
    /ingress-nginx\/controller$|kong\/kubernetes-ingress-controller$|envoyproxy\/gateway$|nginx\/nginx-ingress$|nginx-ingress-controller$/,
    'gateway',
  ],
  [
    /datadog\/agent$|gcr\.io\/datadoghq\/agent$|registry\.datadoghq\.com\/agent$|logdna\/logdna-agent$|sematext\/logagent$|scalyr\/scalyr-k8s-agent$|(^|\/)grafana\/(grafana-)?agent$|amazon\/aws-for-fluent-bit$|newrelic\/.*fluentbit/,
    'agent',
  ],
  [
    /(^|\/)(jaegertracing|openzipkin)\/|grafana\/tempo|apache\/skywalking-oap|(^|\/)apm\/apm-server$|elastic\/apm-server$/,
    'tracing',
  ],
  [/(^|\/)(prom|prometheus|prometheuscommunity|prometheus-community)\/[a-z0-9-]+[-_]exporter$/, 'metrics'],
  [/mssql\/server$|azure-sql-edge$|oracle\.com\/database\/|(^|\/)gvenzl\/oracle-/, 'store'],
  [/(istio|istio-release)\/(pilot|proxyv2|ztunnel)$|(^|\/)linkerd\/proxy$/, 'mesh'],
  [/(^|\/)datalust\/seq$/, 'logs'],
  [/(^|\/)wavefronthq\/proxy$/, 'metrics'],
  [/(^|\/)instana\/agent(-[a-z0-9-]+)?$/, 'tracing'],
  [/(timberio|vectordotdev)\/vector$/, 'agent'],
  [/splunk\/(fluentd|splunk-otel)|newrelic\/newrelic-fluentbit/, 'agent'],
];

/** Words of the language too: they name a product only alone, or in the repository of who makes it. */
const dictionary = new Set(
  words(
    `exporter tempo pilot contour vault hey wrk oha apm oracle artemis consul thanos loki alloy mimir pulsar dragonfly vegeta gatling
      artillery ambassador emissary`,
  ),
);

const vendors =
  /(^|\/)(grafana|hashicorp|thanos|projectcontour|istio|istio-release|apachepulsar|dragonflydb|emissaryingress)\//;

/** A word that makes a name mean something else than the technology in it. */
const other = new Set(
  words(
    `client service api worker backup migrate migration migrations ui web app consumer producer init setup sidecar job demo adapter bridge
      connector connect listener reader writer loader importer handler publisher subscriber to from with sync boot spring express flask django
      rails fastapi nodejs hello`,
  ),
);

/** Words that say how something is packed, not what it is. */
const packaging = new Set(
  words(
    `alpine debian ubuntu centos rhel ubi slim bullseye bookworm distroless windows linux docker image images amd64 arm64 multiarch bitnami
      official library oss ce ee enterprise community core classic bundle eclipse full lite mini light local dev debug base custom patched
      static contrib dist distribution hardened fips nonroot unprivileged rootless tls ssl native free xe server cluster ha management mgmt db
      database standalone operator single node master slave primary secondary replica replicaset replication sentinel sharded stack streaming
      galera xtradb repmgr kraft cache store storage queue cp aws gcp azure gke eks aks cloud k8s kubernetes daemonset`,
  ),
);

const isVersion = (part: string): boolean => part === '' || /^(v|pg|el|ubi|rhel|centos)?\d+[a-z]?\d*$/.test(part);

/** What an exporter exports, besides the technologies above. */
const exported = new Set(
  words(
    'node blackbox nginx jmx statsd mysqld snmp process windows stackdriver yace apache dcgm nvidia ipmi graphite collectd',
  ),
);

/** Parts of a product that its images are named after. */
const parts: Readonly<Partial<Record<Role, ReadonlySet<string>>>> = {
  load: new Set(words('test tests testing tasks load runner worker workers script scripts')),
  metrics: new Set(words('adapter config reloader image renderer agent pushgateway')),
  agent: new Set(words('agent collector hec output')),
  tracing: new Set(words('agent collector query ingester oap')),
  collector: new Set(words('agent collector gateway')),
  logs: new Set(words('gateway query ingester')),
  gateway: new Set(words('gateway proxy ingress controller')),
  mesh: new Set(words('proxy dp controller injector')),
  tool: new Set(words('controller webhook cainjector acmesolver')),
  broker: new Set(words('broker')),
};

interface ImageMeaning {
  role: Role;
  /** The words that say so: "redis". */
  word: string;
  /** False where other words stand before it, so that it may be the name of an application. */
  certain: boolean;
}

const known = new Set(images.flatMap(([, names]) => names));

/** What an image's name says of what it is, as far as anyone can tell. */
const readImage = memoize((image): ImageMeaning | undefined => {
  const { repository, name } = imageReference(image);
  for (const [pattern, role] of byRepository) if (pattern.test(repository)) return { role, word: name, certain: true };
  const folded = joined.reduce((folded, [pattern, word]) => folded.replace(pattern, word), name);
  const named = folded.split(/[-_.]/);
  const ofVendor = vendors.test(repository);
  for (const [role, names] of images) {
    const at = named.findLastIndex((part) => names.includes(part));
    const word = named[at];
    if (word === undefined) continue;
    const [before, after] = [named.slice(0, at), named.slice(at + 1)];
    const made = role === 'store' || role === 'broker';
    const plain = (part: string): boolean =>
      packaging.has(part) ||
      isVersion(part) ||
      parts[role]?.has(part) ||
      (made ? names.includes(part) : known.has(part));
    if (word === 'exporter') {
      const technology = (part: string): boolean => known.has(part) || exported.has(part);
      if (!before.some(technology) || !before.every((part) => technology(part) || plain(part))) continue;
      return { role, word, certain: true };
    }
    const whole = before.length === 0 && after.every((part) => isVersion(part) || part === 'operator');
    // Another word for the same thing says that this one means the product: activemq-artemis.
    const paired = named.some((part) => part !== word && names.includes(part) && !dictionary.has(part));
    if (dictionary.has(word) && !ofVendor && !whole && !paired) continue;
    if (named.includes('operator')) return { role: 'tool', word, certain: true };
    if (role !== 'load' && role !== 'metrics' && named.some((part) => other.has(part))) continue;
    const product = ofVendor && dictionary.has(word);
    // The last word names the thing: `order-kafka` is a Kafka, `kafka-audit` something around one.
    if (!product && !after.every(plain)) continue;
    return { role, word, certain: product || before.every(plain) };
  }
  return undefined;
});

export const meaningOfImage = (image: string | undefined): ImageMeaning | undefined =>
  image ? readImage(image) : undefined;

/** The role that an image stands for, or undefined: an application, or something we do not know. */
export const roleOfImage = (image: string | undefined): Role | undefined => meaningOfImage(image)?.role;
