import { words } from './words.ts';

/** Ports on which a technology answers HTTP, by the words of its images. */
const adminPorts: readonly (readonly [string, readonly number[]])[] = [
  ['elasticsearch opensearch', [9200, 9600]],
  ['minio', [9000, 9001]],
  ['clickhouse', [8123, 9363]],
  ['couchdb', [5984]],
  ['couchbase', [8091]],
  ['influxdb', [8086]],
  ['neo4j', [7473, 7474]],
  ['solr', [8983]],
  ['etcd', [2379, 2381]],
  ['dynamodb', [8000]],
  ['cockroach cockroachdb', [8080]],
  ['dgraph', [8080]],
  ['zookeeper', [8080]],
  ['eventstore', [2113]],
  ['arangodb', [8529]],
  ['surrealdb', [8000]],
  ['rabbitmq', [15672, 15692]],
  ['nats', [8222]],
  ['redpanda', [9644, 8082]],
  ['activemq', [8161]],
  ['emqx', [18083]],
  ['vernemq', [8888]],
  ['nsq nsqd', [4151, 4161]],
  ['prometheus victoriametrics kubecost cadvisor', [8080, 8428, 9003, 9090, 9091]],
  ['grafana', [3000]],
  ['alertmanager', [9093]],
  ['kiali', [20001]],
  ['traefik', [80, 8000, 8080, 8082, 9000]],
  ['kong', [8000, 8001, 8100]],
  ['envoy', [8001, 8002, 9901, 19000, 19001]],
  ['haproxy', [1024, 1042, 8404]],
  ['apisix', [9080, 9090, 9180]],
  ['krakend tyk', [8080]],
  ['fluentd', [9880, 24220, 24231]],
  ['fluentbit', [2020]],
  ['promtail', [3101, 9080]],
  ['filebeat', [5066]],
  ['jaeger', [13133, 14269, 16686, 16687]],
  ['zipkin', [9411]],
  ['otelcol opentelemetrycollector otelcontribcol otelcollector adot opencensus', [13133]],
  ['logstash', [9600]],
  ['kibana', [5601]],
  ['graylog', [9000]],
  ['nacos', [8848]],
  ['eureka', [8761]],
];
const portsOf = new Map(adminPorts.flatMap(([names, ports]) => words(names).map((name) => [name, ports])));

/** A port that answers HTTP where a technology does: what others answer there is not that technology. */
export const answersAt = (word: string, port: number): boolean => portsOf.get(word)?.includes(port) ?? false;

/** What listens on a port that one technology is known by. */
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
