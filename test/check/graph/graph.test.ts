import { describe, expect, test } from 'vitest';
import { checks } from '../../../src/check/checks/index.ts';
import type { Graph } from '../../../src/check/contract.ts';
import { runChecks } from '../../../src/check/run-checks.ts';
import { demoSnapshot } from '../../../src/check/sources/recording/demo.ts';
import type { Snapshot } from '../../../src/check/sources/snapshot.ts';
import { fixtures, objectsIn, readFixture, snapshotOf } from '../support/fixture.ts';
import { serviceOf, workload } from '../support/shop-objects.ts';

const graphOf = (snapshot: Snapshot, only = checks): Graph =>
  runChecks(snapshot, { startedAt: '', today: '2026-01-01', checks: only }).graph;
const shown = ({ edges }: Graph): string[] =>
  edges.map(({ from, to, host, style, leads, breaker }) =>
    `${from} -> ${to ?? host} ${style} ${leads}${breaker ? ` ${breaker.state} ${breaker.by.join()}` : ''}`.trim(),
  );
const ofYaml = (yaml: string): Graph => {
  const { header, objects } = objectsIn(yaml);
  return graphOf(snapshotOf(objects, header));
};

test('the system that ships: who uses whom, in which style, and who comes in', () => {
  const graph = graphOf(demoSnapshot());
  expect(shown(graph)).toEqual(
    expect.arrayContaining([
      'shop/orders -> shop/stock sync service none-seen',
      'shop/orders -> shop/nats async service',
      'shop/orders -> shop/orders-db store service',
      'shop/orders -> payments sync absent none-seen',
      'shop/orders -> observability/collector platform service',
    ]),
  );
  const node = (id: string) => graph.nodes.find((one) => one.id === id);
  expect(node('shop/storefront')?.waysIn.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['route accepted']);
  expect(node('shop/admin')?.waysIn.map(({ kind }) => kind)).toEqual(['direct']);
  expect(node('observability/collector')).toMatchObject({ class: 'platform', judged: false });
});

test.each(fixtures)('%s: ids are unique, edges have ends, and all of it has evidence', (path) => {
  const { nodes, edges, unseen } = graphOf(readFixture(path));
  const ids = nodes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const ends = [...edges.flatMap(({ from, to }) => [from, ...(to ? [to] : [])]), ...unseen.flatMap((one) => one.nodes)];
  expect(ends.filter((id) => !ids.includes(id))).toEqual([]);
  expect(edges.filter(({ evidence }) => evidence.length === 0)).toEqual([]);
  expect(edges.filter(({ style, breaker }) => style !== 'sync' && breaker)).toEqual([]);
});

// Without a Service it would be somebody who only makes load.
const caller = (env: string) => workload('it', `{ name: it, image: "shop/it:1", env: [${env}] }`) + serviceOf('it');
const other = workload('other', '{ name: other, image: "shop/other:1" }') + serviceOf('other');
const url = '{ name: OTHER_URL, value: "http://other" }';

describe('what guards a call', () => {
  const rule = (policy: string) =>
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: other }\nspec: { host: other, trafficPolicy: ${policy} }\n---\n`;
  const meshed = (env: string) =>
    workload('it', `{ name: it, image: "shop/it:1", env: [${env}] }, { name: istio-proxy, image: istio/proxyv2 }`) +
    serviceOf('it');
  const trips = rule('{ outlierDetection: { consecutive5xxErrors: 5 } }');

  test.each([
    ['nothing in the cluster', caller(url) + other, 'none-seen '],
    ['something that opens', meshed(url) + other + trips, 'guarded Istio DestinationRule'],
    [
      'limits only',
      meshed(url) + other + rule('{ connectionPool: { tcp: { maxConnections: 1 } } }'),
      'limits Istio DestinationRule',
    ],
    ['one that does nothing, for the caller has no proxy', caller(url) + other + trips, 'inert Istio DestinationRule'],
    [
      'nobody could look',
      `reads: { destinationrules.networking.istio.io: forbidden }\n---\n${caller(url)}${other}`,
      'unclear ',
    ],
  ])('%s', (_, yaml, state) => {
    expect(shown(ofYaml(yaml))).toEqual([`shop/it -> shop/other sync service ${state}`.trim()]);
  });
});

describe('what it cannot see is said', () => {
  const reasonsOf = (yaml: string) => ofYaml(yaml).unseen.map(({ reason, nodes }) => `${reason} ${nodes.join()}`);

  test('services without any address', () => {
    expect(reasonsOf(caller('') + other)).toEqual(['NO_ADDRESS shop/it,shop/other']);
  });

  test('addresses in Secrets, of those that take one', () => {
    const secret = '{ name: STOCK_URL, valueFrom: { secretKeyRef: { name: it, key: url } } }';
    expect(reasonsOf(caller(`${url}, ${secret}`) + other)).toContain('IN_SECRETS shop/it');
  });

  test('registries that give the names', () => {
    const registry = '{ name: EUREKA_CLIENT_SERVICEURL_DEFAULTZONE, value: "http://other/eureka" }';
    expect(reasonsOf(caller(registry) + other)).toContain('BY_REGISTRY shop/it');
  });

  test('lists that were not read, as data', () => {
    const { unseen } = ofYaml(`reads: { configmaps: forbidden }\n---\n${caller(url)}${other}`);
    expect(unseen.find(({ reason }) => reason === 'NOT_READ')?.gaps).toEqual([
      { resource: 'configmaps', namespace: 'shop', outcome: 'forbidden' },
    ]);
  });

  test('nothing where all is seen', () => {
    const mutual = workload(
      'other',
      '{ name: other, image: "shop/other:1", env: [{ name: IT_URL, value: "http://it" }] }',
    );
    expect(reasonsOf(caller(url) + mutual + serviceOf('other'))).toEqual([]);
  });
});

describe('how services talk, in numbers', () => {
  const calling = (name: string, ...targets: string[]) =>
    workload(
      name,
      `{ name: ${name}, image: "shop/${name}:1", env: [${targets.map((to, index) => `{ name: URL_${index}, value: "${to.includes(':') ? to : `http://${to}`}" }`).join(', ')}] }`,
    ) + serviceOf(name);

  test.each([
    ['nobody calls anybody', calling('a'), { sync: 0, async: 0, longestChain: [] }],
    [
      'a chain',
      calling('a', 'b', 'c') + calling('b', 'c') + calling('c'),
      { sync: 3, async: 0, longestChain: ['shop/a', 'shop/b', 'shop/c'] },
    ],
    [
      'two addresses of one are one',
      calling('a', 'b', 'http://b:80') + calling('b'),
      { sync: 1, async: 0, longestChain: ['shop/a', 'shop/b'] },
    ],
    [
      'a circle, of which none is passed twice',
      calling('a', 'b') + calling('b', 'c') + calling('c', 'a'),
      { sync: 3, async: 0, longestChain: ['shop/a', 'shop/b', 'shop/c'] },
    ],
    [
      'a broker, which nobody waits for',
      calling('a', 'nats://events.example.com:4222', 'b') + calling('b', 'nats://events.example.com:4222'),
      { sync: 1, async: 2, longestChain: ['shop/a', 'shop/b'] },
    ],
    ['what leads nowhere is no connection', calling('a', 'gone.shop.svc:80'), { sync: 0, async: 0, longestChain: [] }],
    [
      'who makes load is in no chain',
      calling('a') +
        workload('locust', '{ name: l, image: "locustio/locust:2", env: [{ name: URL, value: "http://a" }] }'),
      { sync: 0, async: 0, longestChain: [] },
    ],
  ])('%s', (_, yaml, expected) => {
    expect(ofYaml(yaml).communication).toEqual(expected);
  });

  test('a thousand services that all call one another in a circle are counted at once', () => {
    const ring = Array.from({ length: 1000 }, (_, index) => calling(`s${index}`, `s${(index + 1) % 1000}`)).join('');
    expect(ofYaml(ring).communication).toMatchObject({ sync: 1000, longestChain: { length: 1000 } });
  });
});
