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
