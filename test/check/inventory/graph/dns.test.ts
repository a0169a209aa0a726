import { expect, test } from 'vitest';
import distributedTracing from '../../../../src/check/checks/distributed-tracing.ts';
import serviceBoundaries from '../../../../src/check/checks/service-boundaries.ts';
import serviceDiscovery from '../../../../src/check/checks/service-discovery.ts';
import { resolve } from '../../../../src/check/inventory/graph/dns.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const directory = (allNamespaces: boolean) => ({
  services: new Map(),
  namespaces: new Set(['shop', 'data']),
  addresses: new Map(),
  given: { byMesh: () => false, byClusterSet: () => false },
  complete: () => allNamespaces,
  allNamespaces,
});
const kindOf = (host: string, allNamespaces = true) => resolve(host, 80, 'shop', directory(allNamespaces)).kind;

test.each([
  ['oc-collector.tracing', 'absent', 'unread'],
  ['redis.data', 'absent', 'unread'],
  ['orders.payments', 'absent', 'unread'],
  ['example.com', 'outside', 'outside'],
  ['example.de', 'outside', 'outside'],
  ['example.store', 'outside', 'unread'],
  ['example.xn--p1ai', 'outside', 'unread'],
  ['db.internal', 'outside', 'unread'],
  ['db.corp', 'outside', 'unread'],
  ['backend.mesh', 'outside', 'unread'],
  ['api.example.tracing', 'outside', 'outside'],
])('%s is %s where every namespace is known, and otherwise %s', (host, all, some) => {
  expect(kindOf(host)).toBe(all);
  expect(kindOf(host, false)).toBe(some);
});

const told = (name: string, value: string) =>
  workload('it', `{ name: it, image: "shop/it:1", env: [{ name: ${name}, value: "${value}" }] }`) + serviceOf('it');

test('an address in a namespace that does not exist is a warning, with its words', () => {
  const yaml = told('OC_AGENT_HOST', 'oc-collector.tracing:55678');
  expect(verdictOf(yaml, serviceDiscovery)).toBe('warn ADDRESS_OF_NOTHING');
  expect(verdictOf(yaml, distributedTracing)).toBe('warn DESTINATION_ABSENT');
  expect(verdictOf(told('FEATURE_MODE', 'cache.first'), serviceDiscovery)).toBe('pass NAME_LEADS_TO_READY_PODS');
});

test('a scheme of a store is data, whatever the setting is called', () => {
  const with2 = (name: string) =>
    told(name, 'postgres://db/tax') +
    told(name, 'postgres://db/tax').replaceAll(/\bit\b/g, 'other') +
    workload('db', '{ name: db, image: "postgres:17" }') +
    serviceOf('db', 5432);
  for (const name of ['TAX_DB_URL', 'COLLECTOR_DB_URL'])
    expect(verdictOf(with2(name), serviceBoundaries)).toBe('fail SHARED_DATABASE');
});

const asks = (url: string) => told('RATES_URL', url);
const entry = (hosts: string, more = '') =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: rates }\nspec: { hosts: [${hosts}]${more} }\n---\n`;
const imported = (group: string) =>
  `apiVersion: ${group}\nkind: ServiceImport\nmetadata: { name: rates }\nspec: { type: ClusterSetIP }\n---\n`;
const unreadable = (part: string) => `reads: { ${part}: forbidden }\n---\n`;
const [absent, found, hidden] = ['warn ADDRESS_OF_NOTHING', 'pass NAME_LEADS_TO_READY_PODS', 'unknown NOT_READ'];

test.each<[what: string, yaml: string, verdict: string]>([
  ['a name of nobody', asks('http://rates.shop.svc:80'), absent],
  ['a host of a ServiceEntry', asks('http://rates.legacy:8080') + entry('rates.legacy'), found],
  ['its short form', asks('http://rates.risk:80') + entry('rates.risk.svc.cluster.local'), found],
  ['a wildcard of one', asks('http://rates.risk.svc:80') + entry("'*.risk.svc.cluster.local'"), found],
  ['another host than it', asks('http://rates.legacy:8080') + entry('stock.legacy'), absent],
  [
    'one that is kept to another namespace',
    asks('http://rates.legacy:8080') + entry('rates.legacy', ', exportTo: [billing]'),
    absent,
  ],
  [
    'entries that were not read',
    unreadable('serviceentries.networking.istio.io') + asks('http://rates.legacy:8080'),
    hidden,
  ],
  [
    'an imported service',
    asks('http://rates.shop.svc.clusterset.local') + imported('multicluster.x-k8s.io/v1alpha1'),
    found,
  ],
  ['one that GKE imports', asks('http://rates.shop.svc.clusterset.local') + imported('net.gke.io/v1'), found],
  ['one that nobody imports', asks('http://rates.shop.svc.clusterset.local'), absent],
  [
    'imports that were not read',
    unreadable('serviceimports.multicluster.x-k8s.io') + asks('http://rates.shop.svc.clusterset.local'),
    hidden,
  ],
])('%s', (_, yaml, verdict) => expect(verdictOf(yaml, serviceDiscovery)).toBe(verdict));
