import { describe, expect, test } from 'vitest';
import apiGateway from '../../../../src/check/checks/api-gateway.ts';
import circuitBreakers from '../../../../src/check/checks/circuit-breakers.ts';
import communicationPatterns from '../../../../src/check/checks/communication-patterns.ts';
import type { Check } from '../../../../src/check/checks/define/check.ts';
import serviceBoundaries from '../../../../src/check/checks/service-boundaries.ts';
import serviceDiscovery from '../../../../src/check/checks/service-discovery.ts';
import { runChecks } from '../../../../src/check/run-checks.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const app = (name: string, given: string, podSpec = '') =>
  workload(name, `{ name: ${name}, image: "shop/${name}:1", ports: [{ containerPort: 80 }]${given} }`, {
    podMetadata: `, annotations: { msvc.dev/context: ${name} }`,
    podSpec,
  });
const service = (name: string, given: string, podSpec = '') => app(name, given, podSpec) + serviceOf(name);
const database = (name: string) =>
  workload(name, `{ name: ${name}, image: "mongo:8", ports: [{ containerPort: 27017 }] }`) + serviceOf(name, 27017);
const config = (data: Record<string, string>) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: shared }
data: ${JSON.stringify(data)}
---
`;
const whole = ', envFrom: [{ configMapRef: { name: shared } }]';
const value = (key: string) =>
  `, env: [{ name: ${key}, valueFrom: { configMapKeyRef: { name: shared, key: ${key} } } }]`;
const files = ', volumeMounts: [{ name: c, mountPath: /c }]';
const volume = (chosen = '') => `, volumes: [{ name: c, configMap: { name: shared${chosen} } }]`;

const one = { MONGO_URL: 'mongodb://db:27017/shop' };
const two = { IT_MONGO_URL: 'mongodb://db:27017/it', OTHER_MONGO_URL: 'mongodb://db2:27017/other' };
const stores = ['db', 'db2', 'it-db', 'other-db'].map(database).join('');
const both = (given: string, podSpec = '') => service('it', given, podSpec) + service('other', given, podSpec);

const judge = (yaml: string, check: Check = serviceBoundaries) => verdictOf(yaml, check);

describe('addresses that two services are given together', () => {
  test.each([
    ['one database', config(one) + both(whole), 'fail SHARED_DATABASE'],
    ['two databases, one key each of both', config(two) + both(value('IT_MONGO_URL')), 'fail SHARED_DATABASE'],
    ['two databases', config(two) + both(whole), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    [
      'two databases in a file',
      config({ 'app.yaml': 'a: mongodb://it-db:27017/a\nb: mongodb://other-db:27017/b\n' }) + both(files, volume()),
      'pass OWN_WORKLOAD_AND_CONTEXT',
    ],
    [
      'a database each, in files of their own',
      config({ 'it.yaml': 'a: mongodb://db:27017/a\n', 'other.yaml': 'a: mongodb://db2:27017/b\n' }) +
        service('it', files, volume(', items: [{ key: it.yaml, path: x }]')) +
        service('other', files, volume(', items: [{ key: other.yaml, path: x }]')),
      'pass OWN_WORKLOAD_AND_CONTEXT',
    ],
    [
      'each other, and one database',
      config({ ...one, OTHER_URL: 'http://other' }) + both(whole),
      'unknown STORE_OFFERED',
    ],
    [
      'each other, and a database that one of them is told for itself too',
      config({ ...one, OTHER_URL: 'http://other' }) +
        service('other', whole) +
        service('it', ', env: [{ name: MONGO_URL, value: "mongodb://db:27017/shop" }]') +
        service('third', whole),
      'unknown STORE_OFFERED',
    ],
    ['calls in a circle', config({ A: 'http://it', B: 'http://other' }) + both(whole), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    [
      'calls in a circle, one key each',
      config({ A: 'http://it', B: 'http://other' }) + service('it', value('B')) + service('other', value('A')),
      'warn CYCLE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml + stores)).toBe(verdict));

  const list = config({ IT: 'http://it', OTHER: 'http://other', GONE: 'http://gone' }) + both(whole);
  test.each<[string, Check, string]>([
    ['are calls that it may make', circuitBreakers, 'unknown MAY_BE_IN_CODE'],
    ['are checked', serviceDiscovery, 'warn ADDRESS_OF_NOTHING'],
  ])('%s', (_, check, verdict) => expect(judge(list, check)).toBe(verdict));

  test('prove no call of an edge without a way in', () => {
    const others = service('other', whole) + service('stock', '');
    expect(judge(config({ STOCK: 'http://stock' }) + service('it', whole) + others, apiGateway)).toBe('warn NO_WAY_IN');
    expect(judge(config({ A: 'http://stock', B: 'http://other' }) + service('it', whole) + others, apiGateway)).toBe(
      'n-a NOT_EXPOSED',
    );
  });
  const guarded = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: stock }
spec: { host: stock, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } } }
---
`;
  const meshed = (given: string) =>
    workload('it', `{ name: it, image: "shop/it:1"${given} }, { name: istio-proxy, image: "mesh/proxy:1" }`) +
    serviceOf('it');
  test.each([
    ['one that a policy guards', '', 'unknown MAY_BE_IN_CODE'],
    [
      'one that a policy guards, and one that is its own',
      ', { name: B, value: "http://other" }',
      'warn SOME_CALLS_UNGUARDED',
    ],
  ])('beside %s', (_, more, verdict) => {
    const own = `, env: [{ name: A, value: "http://stock" }${more}]${whole}`;
    const yaml = config({ THIRD: 'http://third' }) + meshed(own) + service('third', whole) + service('other', '');
    expect(judge(yaml + service('stock', '') + guarded, circuitBreakers)).toBe(verdict);
  });

  test('and a breaker that does nothing for a call that it may make fails nobody', () => {
    const yaml = config({ STOCK: 'http://stock' }) + service('it', whole) + service('stock', whole) + guarded;
    expect(judge(yaml, circuitBreakers)).toBe('unknown CONFIGURED_BUT_INERT');
  });

  test('are no channels of a worker', () => {
    const yaml = config({ OTHER: 'http://other' }) + service('other', whole) + app('it', whole);
    expect(judge(yaml, communicationPatterns)).toBe('unknown NO_CHANNEL_VISIBLE');
  });
});

test('a database that a worker shares is no channel of it', () => {
  const yaml = config(one) + service('other', whole) + app('it', whole) + stores;
  expect(judge(yaml, communicationPatterns)).toBe('unknown NO_CHANNEL_VISIBLE');
});

test.each([
  ['postgres://it@db', '', 'fail SHARED_DATABASE'],
  ['postgres://it@db', ', { name: PGDATABASE, value: x }', 'warn SHARED_STORE'],
  ['mysql://it@db', '', 'warn SHARED_STORE'],
  ['mongodb://db,db2/shop', '', 'fail SHARED_DATABASE'],
])('%s%s in two services', (url, more, verdict) =>
  expect(judge(both(`, env: [{ name: STORE_URL, value: "${url}" }${more}]`) + stores)).toBe(verdict),
);

test('a shared database is shown once, and who is given it, with its name and without a login', () => {
  const yaml = config({ MONGO_URL: 'mongodb://root:hunter2@db:27017/shop' }) + both(whole) + stores;
  const { objects } = objectsIn(yaml);
  const run = runChecks(snapshotOf(objects), { startedAt: '', today: '2026-01-01', checks: [serviceBoundaries] });
  const own = run.results.find(({ subject }) => subject.name === 'it');
  expect(own?.evidence).toEqual([
    {
      object: 'Deployment shop/it',
      path: 'spec.template.spec.containers[0].envFrom[0].configMapRef.name',
      value: 'shared',
    },
    { object: 'ConfigMap shop/shared', path: 'data.MONGO_URL', value: 'mongodb://db:27017/shop' },
    {
      object: 'Deployment shop/other',
      path: 'spec.template.spec.containers[0].envFrom[0].configMapRef.name',
      value: 'shared',
    },
  ]);
});
