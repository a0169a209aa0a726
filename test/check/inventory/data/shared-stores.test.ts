import { describe, expect, test } from 'vitest';
import serviceBoundaries from '../../../../src/check/checks/service-boundaries.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const service = (name: string, given: string, podSpec = '', beside = '') =>
  workload(name, `{ name: ${name}, image: "shop/${name}:1", ports: [{ containerPort: 80 }]${given} }${beside}`, {
    podMetadata: `, annotations: { msvc.dev/context: ${name} }`,
    podSpec,
  }) + serviceOf(name);
const judge = (yaml: string) => verdictOf(yaml, serviceBoundaries);
/** As many services that are given the same. */
const all = (count: number, given: string, podSpec = '', beside = '') =>
  Array.from({ length: count }, (_, index) =>
    service(index === 0 ? 'it' : `other${index}`, given, podSpec, beside),
  ).join('');

const value = (variable: string, key: string, secret = 'shared') =>
  `, env: [{ name: ${variable}, valueFrom: { secretKeyRef: { name: ${secret}, key: ${key} } } }]`;
const variables = ', envFrom: [{ secretRef: { name: shared } }]';
const mount = (more = '') => `, volumeMounts: [{ name: files, mountPath: /files${more} }]`;
const files = (chosen = '') => `, volumes: [{ name: files, secret: { secretName: shared${chosen} } }]`;
const local = (database: string) =>
  `, env: [{ name: DATABASE_URL, value: "postgres://app:x@127.0.0.1:5432/${database}" }]`;
const proxy =
  ', { name: sql-proxy, image: "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14", env: [{ name: INSTANCE, valueFrom: { secretKeyRef: { name: shared, key: connectionName } } }] }';

describe('a Secret of several services', () => {
  test.each([
    ['all of it as variables', all(2, variables), 'unknown STORE_HIDDEN'],
    ['all of it as variables, in most services', all(8, variables), 'unknown STORE_HIDDEN'],
    ['an address, in most services', all(8, value('UPSTREAM', 'connectionName')), 'unknown STORE_HIDDEN'],
    ['a word that says nothing', all(2, value('REGION', 'region')), 'unknown STORE_HIDDEN'],
    ['a word that says nothing, in most services', all(8, value('REGION', 'region')), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    [
      'what a proxy of a database reads',
      all(8, '', '', proxy.replace('connectionName', 'instance')),
      'unknown STORE_HIDDEN',
    ],
    ['a key', all(3, value('JWT_SECRET', 'JWT_SECRET')), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    ['a key of an API', all(3, value('API_KEY', 'apiKey')), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    ['a key under the name of an address', all(3, value('UPSTREAM_URL', 'token')), 'unknown STORE_HIDDEN'],
    ['all of its files', all(2, mount(), files()), 'unknown STORE_HIDDEN'],
    [
      'the file of a key',
      all(2, mount(), files(', items: [{ key: jwt.key.pub, path: k }]')),
      'pass OWN_WORKLOAD_AND_CONTEXT',
    ],
    ['the file of a certificate', all(2, mount(', subPath: tls.crt'), files()), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    ['a login of a database that is not visible', all(2, value('DB_PASSWORD', 'password')), 'unknown STORE_HIDDEN'],
    [
      'a key in one and an address in the other',
      service('it', value('TOKEN', 'token')) + service('other', value('DATABASE_URL', 'url')),
      'pass OWN_WORKLOAD_AND_CONTEXT',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

describe('one key of a Secret as the address of a store', () => {
  const beside = (variable: string, key: string, name: string) =>
    value(variable, key).replace(/\]$/, `, { name: DATABASE_NAME, value: ${name} }]`);
  test.each([
    ['of a database', all(2, value('DATABASE_URL', 'url')), 'fail SHARED_DATABASE'],
    ['in nine services', all(9, value('SPRING_DATASOURCE_URL', 'jdbc')), 'fail SHARED_DATABASE'],
    [
      'as ADO.NET calls it',
      all(2, value('ConnectionStrings__OrderingDB', 'orderingDbConnectionString')),
      'fail SHARED_DATABASE',
    ],
    ['of a server', all(2, value('DB_HOST', 'host')), 'warn SHARED_STORE'],
    ['of a server that often holds many', all(2, value('MONGO_URI', 'uri')), 'warn SHARED_STORE'],
    ['of a server, which a proxy of each reads', all(2, '', '', proxy), 'warn SHARED_STORE'],
    [
      'of a server, which a proxy of each reads for the same database',
      all(2, local('shop'), '', proxy),
      'fail SHARED_DATABASE',
    ],
    [
      'of a server, which a proxy of each reads for a database of its own',
      service('it', local('it'), '', proxy) + service('other', local('other'), '', proxy),
      'warn SHARED_STORE',
    ],
    ['of no store', all(2, value('PAYMENT_URL', 'url')), 'unknown STORE_HIDDEN'],
    [
      'of two keys',
      service('it', value('DATABASE_URL', 'it')) + service('other', value('DATABASE_URL', 'other')),
      'unknown STORE_HIDDEN',
    ],
    [
      'of two Secrets',
      service('it', value('DATABASE_URL', 'url', 'it')) + service('other', value('DATABASE_URL', 'url', 'other')),
      'pass OWN_WORKLOAD_AND_CONTEXT',
    ],
    [
      'with a name of its own beside it',
      service('it', beside('DATABASE_URL', 'url', 'orders')) + service('other', beside('DATABASE_URL', 'url', 'stock')),
      'warn SHARED_STORE',
    ],
    [
      'that goes on in a setting',
      all(2, value('DB_URL', 'url').replace(/\]$/, ', { name: ORM, value: "$(DB_URL)/x" }]')),
      'warn SHARED_STORE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

test('what can hide no fail hides no proven warning', () => {
  const volume = ', volumes: [{ name: files, persistentVolumeClaim: { claimName: files } }]';
  const unread = 'reads: { persistentvolumeclaims: forbidden }\n---\n';
  const cache = workload('redis', '{ name: redis, image: "redis:8" }') + serviceOf('redis', 6379);
  const address = ', env: [{ name: REDIS_URL, value: "redis://redis" }]';
  expect(judge(unread + all(2, mount(), volume))).toBe('unknown NOT_READ');
  expect(judge(unread + all(2, address + mount(), volume) + cache)).toBe('warn SHARED_STORE');
});

describe('one database of two services', () => {
  const server = workload('db', '{ name: db, image: "postgres:17.5", ports: [{ containerPort: 5432 }] }');
  const given = (settings: Record<string, string>) =>
    `, env: ${JSON.stringify(Object.entries(settings).map(([name, value]) => ({ name, value })))}`;
  const url = (user: string, query = '') => ({ DATABASE_URL: `postgresql://${user}@db:5432/shop${query}` });
  const parts = (user: string, name = 'shop') => ({ DB_HOST: 'db', DB_PORT: '5432', DB_NAME: name, DB_USER: user });

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['one login', url('app'), url('app'), 'fail SHARED_DATABASE'],
    ['two logins', url('orders'), url('billing'), 'warn SEPARATE_PARTS'],
    ['a login that only one shows', url('orders'), { DATABASE_URL: 'postgresql://db/shop' }, 'fail SHARED_DATABASE'],
    ['two logins in parts', parts('orders'), parts('billing'), 'warn SEPARATE_PARTS'],
    ['two logins and two databases in parts', parts('a', 'a'), parts('b', 'b'), 'pass OWN_WORKLOAD_AND_CONTEXT'],
    [
      'two schemas in parts',
      { ...parts('app'), DB_SCHEMA: 'orders' },
      { ...parts('app'), DB_SCHEMA: 'billing' },
      'warn SEPARATE_PARTS',
    ],
    ['one login in parts', parts('app'), parts('app'), 'fail SHARED_DATABASE'],
    ['one login, and two databases', parts('app', 'orders'), parts('app', 'billing'), 'warn SHARED_SERVER'],
    ['two schemas of JDBC', url('app', '?currentSchema=a'), url('app', '?currentSchema=b'), 'warn SEPARATE_PARTS'],
    ['two schemas of Prisma', url('app', '?x=1&schema=a'), url('app', '?x=1&schema=b'), 'warn SEPARATE_PARTS'],
    [
      'two schemas of libpq',
      url('app', '?options=-csearch_path%3Da'),
      url('app', '?options=-csearch_path%3Db'),
      'warn SEPARATE_PARTS',
    ],
    ['one schema', url('app', '?schema=a'), url('app', '?schema=a'), 'fail SHARED_DATABASE'],
    ['a schema that only one shows', url('app', '?schema=a'), url('app'), 'fail SHARED_DATABASE'],
  ])('%s', (_, mine, theirs, verdict) =>
    expect(judge(service('it', given(mine)) + service('other', given(theirs)) + server + serviceOf('db', 5432))).toBe(
      verdict,
    ),
  );
});

test('where the labels of a workload were not read, two that share a database may be one application', () => {
  const pod = (name: string, command: string) => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}-1
  labels: { app: ${name}, pod-template-hash: "1" }
  ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: ${name}-1, uid: u, controller: true }]
spec:
  containers:
    - name: ${name}
      image: acme/forum:1
      command: [${command}]
      env: [{ name: DATABASE_URL, value: "postgres://app@db:5432/shop" }]
status: { phase: Running, conditions: [{ type: Ready, status: "True" }] }
---
`;
  const unread = 'reads: { deployments.apps: forbidden }\n---\n';
  const yaml = ['it', 'other'].map((name) => pod(name, name) + serviceOf(name)).join('');
  const store = workload('db', '{ name: db, image: "postgres:17.5" }').replace('Deployment', 'StatefulSet');
  expect(judge(unread + yaml + store + serviceOf('db', 5432))).toBe('unknown NOT_READ');
});
