import { expect, test } from 'vitest';
import { buildFacts } from '../../../../src/check/inventory/facts.ts';
import { mainContainer } from '../../../../src/check/inventory/graph/main-container.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { workload } from '../../support/shop-objects.ts';

/** Container and class of the service `it`: "web application". */
function mainOf(containers: readonly string[], ports: readonly string[], more = ''): string {
  const service = `
apiVersion: v1
kind: Service
metadata: { name: it }
spec: { selector: { app: it }, ports: [${ports.join(', ')}] }
---
`;
  const { objects } = objectsIn(workload('it', containers.join(', ')) + service + more);
  const facts = buildFacts(snapshotOf(objects));
  const it = facts.components.find(({ name }) => name === 'it');
  return it ? `${mainContainer(it)?.name} ${facts.classOf(it).class}` : 'nothing';
}

const app = '{ name: web, image: "acme/web:1", ports: [{ name: http, containerPort: 8080 }] }';
const exporter =
  '{ name: exporter, image: "prom/statsd-exporter:v0.28.0", ports: [{ name: metrics, containerPort: 9102 }] }';
const guard =
  '{ name: auth, image: "quay.io/oauth2-proxy/oauth2-proxy:v7", ports: [{ containerPort: 4180 }], readinessProbe: { httpGet: { path: /ready, port: 4180 } } }';
const redis = '{ name: redis, image: "redis:8", ports: [{ containerPort: 6379 }] }';
const redisExporter = '{ name: a, image: "oliver006/redis_exporter:v1", ports: [{ containerPort: 9121 }] }';
const nginx = '{ name: front, image: "nginx:1.29", ports: [{ containerPort: 80 }] }';
const gitSync = '{ name: content, image: "registry.k8s.io/git-sync/git-sync:v4" }';
const custom = '{ name: queue, image: "acme/queue:1", ports: [{ containerPort: 5672 }, { containerPort: 15672 }] }';
const http = '{ name: http, port: 80, targetPort: 8080 }';
const named = '{ name: http, port: 80, targetPort: http }';
const metrics = '{ name: metrics, port: 9102, targetPort: metrics }';

test.each([
  ['an exporter listed first', [exporter, app], [metrics, http], 'web application'],
  ['a port by its name', [exporter, app], [metrics, named], 'web application'],
  ['an exporter that alone has a port', [exporter, '{ name: web, image: "acme/web:1" }'], [metrics], 'web application'],
  ['a proxy that asks who comes', [guard, app], ['{ port: 80, targetPort: 4180 }'], 'web application'],
  ['that proxy alone', [guard], ['{ port: 80, targetPort: 4180 }'], 'auth application'],
  ['a store with its exporter', [redisExporter, redis], ['{ port: 9121 }', '{ port: 6379 }'], 'redis store'],
  ['a web server with what brings its pages', [gitSync, nginx], ['{ port: 80 }'], 'front application'],
  [
    'a web server before an app of the service’s name',
    [nginx, '{ name: it, image: "acme/it-fpm:1" }'],
    ['{ port: 80 }'],
    'it application',
  ],
  [
    'an app and its cache in one pod, both offered',
    [redis, app],
    ['{ port: 6379 }', '{ port: 8080 }'],
    'web application',
  ],
  [
    'a broker of their own make',
    [custom],
    ['{ name: mgmt, port: 15672 }', '{ name: amqp, port: 5672 }'],
    'queue broker',
  ],
  ['an app that also speaks to devices', [app], ['{ port: 1883, targetPort: 8080 }', http], 'web application'],
  [
    'the one whose probe asks the port',
    ['{ name: a, image: "acme/a:1" }', '{ name: b, image: "acme/b:1", livenessProbe: { httpGet: { port: 8080 } } }'],
    ['{ port: 80, targetPort: 8080 }'],
    'b application',
  ],
])('%s, in whatever order', (_, containers, ports, expected) => {
  for (const order of [containers, [...containers].reverse()])
    for (const offered of [ports, [...ports].reverse()]) expect(mainOf(order, offered)).toBe(expected);
});

test('a second Service over the same pods, for whoever collects figures, changes nothing', () => {
  const second = `
apiVersion: v1
kind: Service
metadata: { name: a-metrics }
spec: { selector: { app: it }, ports: [${metrics}] }
---
`;
  expect(mainOf([exporter, app], [http], second)).toBe('web application');
});
