import { expect, test } from 'vitest';
import { runChecks } from '../../src/check/run-checks.ts';
import { resourceOf } from '../../src/check/sources/resources/resources.ts';
import type { Snapshot } from '../../src/check/sources/snapshot.ts';
import { objectsIn, snapshotOf } from './support/fixture.ts';

/**
 * What somebody sees who may read one namespace only: addresses that lead out of it go unseen, and no verdict may be
 * better for that.
 */
const service = (name: string, container: string, namespace = 'shop', port = 80) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }, annotations: { msvc.dev/context: ${name} } }
    spec: { containers: [{ name: ${name}, image: "${container}" }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ port: ${port} }] }
---
`;
const told = (name: string, variable: string, value: string) =>
  service(
    name,
    `shop/${name}:1", ports: [{ containerPort: 80 }], env: [{ name: ${variable}, value: "${value}" }], x: "`,
  );
const away = `${service('stock', 'shop/stock:1', 'goods')}${service('db', 'postgres:18', 'goods', 5432)}${service(
  'jaeger',
  'jaegertracing/jaeger:2.1',
  'goods',
  4317,
)}${service('registry', 'hashicorp/consul:1.21', 'goods', 8500)}`;

const judge = (snapshot: Snapshot) => runChecks(snapshot, { startedAt: '', today: '2026-01-01' });

/** Lists of the whole cluster are refused, those of the namespace are not. */
function confined(snapshot: Snapshot): Snapshot {
  const reads = snapshot.reads.flatMap((read) => {
    if (read.outcome === 'absent') return [read];
    const own = resourceOf.get(read.resource)?.reach === 'cluster' ? [] : [{ ...read, namespace: 'shop' }];
    return [...own, { ...read, outcome: 'forbidden' as const, count: 0 }];
  });
  const objects = new Map(
    [...snapshot.objects].map(([part, list]) => [part, list.filter(({ metadata }) => metadata.namespace === 'shop')]),
  );
  return { ...snapshot, reads, objects };
}

test.each([
  ['a call', 'STOCK_URL', 'http://stock.goods'],
  ['a call by the whole name', 'STOCK_URL', 'http://stock.goods.svc.cluster.local'],
  ['a call to nothing', 'GONE_URL', 'http://gone.goods.svc:80'],
  ['a call to nothing by two words', 'GONE_URL', 'http://gone.goods'],
  ['a port of nothing', 'STOCK_URL', 'http://stock.goods:8080'],
  ['a database of two', 'DATABASE_URL', 'postgres://a@db.goods:5432/shop'],
  ['a backend of traces', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://jaeger.goods:4317'],
  ['no backend of traces', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://gone.goods:4317'],
  ['a registry', 'PEERS_URL', 'http://registry.goods:8500'],
  ['a broker that is gone', 'NATS_URL', 'nats://gone.goods:4222'],
])('%s out of the namespace', (_, variable, value) => {
  const { objects } = objectsIn(told('it', variable, value) + told('other', variable, value) + away);
  const snapshot = snapshotOf(objects, { scope: ['shop'] });
  const [whole, part] = [judge(snapshot), judge(confined(snapshot))];
  const before = new Map(whole.results.map((result) => [`${result.check} ${result.subject.name}`, result.status]));
  for (const { check, subject, status, message } of part.results)
    if (subject.kind !== 'Cluster')
      expect([before.get(`${check} ${subject.name}`), 'unknown'], `${check} ${subject.name}: ${message}`).toContain(
        status,
      );
  expect(part.summary.score).toBeLessThanOrEqual(whole.summary.score ?? 0);
  expect(part.summary.coverage).toBeLessThanOrEqual(whole.summary.coverage ?? 0);
});

test('an address outside the cluster stays outside', () => {
  const { objects } = objectsIn(
    told('it', 'PAYMENTS_URL', 'https://payments.example.com') + told('other', 'X_URL', 'https://example.org'),
  );
  const run = judge(confined(snapshotOf(objects, { scope: ['shop'] })));
  const found = run.results.filter(({ check }) => check === 'service-discovery');
  expect(found.map(({ status }) => status).slice(0, 2)).toEqual(['pass', 'pass']);
});
