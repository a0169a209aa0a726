import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import type { GroupResource } from '../../src/check/contract.ts';
import { alwaysRead } from '../../src/check/inventory/always-read.ts';
import { buildFacts, type Facts } from '../../src/check/inventory/facts.ts';
import { resources } from '../../src/check/sources/resources/resources.ts';
import type { KubeObject } from '../../src/check/sources/snapshot.ts';
import { fixtures, objectsIn, readFixture, snapshotOf } from './support/fixture.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

/** Facts that note which lists they are asked about, by whatever function. */
function watched(facts: Facts, note: (part: GroupResource) => void): Facts {
  const { ledger } = facts;
  const noted = (parts: readonly GroupResource[]): readonly GroupResource[] => {
    for (const part of parts) note(part);
    return parts;
  };
  const one =
    <Rest extends unknown[], T>(ask: (part: GroupResource, ...rest: Rest) => T) =>
    (part: GroupResource, ...rest: Rest): T => {
      note(part);
      return ask(part, ...rest);
    };
  return {
    ...facts,
    list: one(facts.list),
    has: one(facts.has),
    provenAbsent: one(facts.provenAbsent),
    hiddenFrom: (component, parts, which) => facts.hiddenFrom(component, noted(parts), which),
    ledger: {
      complete: one(ledger.complete),
      notServed: one(ledger.notServed),
      gaps: (parts, namespace) => ledger.gaps(noted(parts), namespace),
    },
  };
}

const named = (kind: string) => ({ kind, name: 'one' });
const spec = {
  circuitBreaker: {},
  targetRefs: [named('HTTPRoute')],
  parentRefs: ['Gateway', 'ListenerSet', 'XListenerSet'].map(named),
  gateways: ['one'],
  // Whether anything serves a route is asked of routes that lead somewhere.
  ingressClassName: 'one',
  rules: [{ backendRefs: [named('Service')], http: { paths: [{ backend: { service: { name: 'one' } } }] } }],
  http: [{ route: [{ destination: { host: 'one' } }] }],
  routes: [{ services: [{ kind: 'TraefikService', name: 'one' }] }],
};
/** One object of every kind, empty but for what makes a check look further. */
const oneOfEverything = resources.map(
  ({ group, versions: [version], kind }): KubeObject => ({
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name: 'one', namespace: 'shop' },
    spec,
    status: { parents: [{ conditions: [{ type: 'Accepted', status: 'True' }] }] },
  }),
);
const container = '{ name: it, image: "shop/it:1", ports: [{ containerPort: 80 }] }';
const marked = (name: string, annotations: string): string =>
  workload(name, container, { metadata: `, annotations: { ${annotations} }, labels: { kapp.k14s.io/app: it }` });
const agentOf = (operator: string): string =>
  workload(operator, '{ name: agent, image: "fluent/fluent-bit:4.2" }', {
    kind: 'DaemonSet',
    metadata: `, ownerReferences: [{ apiVersion: ${operator}.${suffixes[operator]}/v1, kind: Owner, name: one, uid: "" }]`,
    podSpec: ', volumes: [{ name: logs, hostPath: { path: /var/log } }]',
  });
const suffixes: Record<string, string> = {
  logging: 'banzaicloud.io',
  fluentbit: 'fluent.io',
  observability: 'kaasops.io',
};
/** Somebody of each technology, so that a check asks for what belongs to it. */
const technologies = [
  workload(
    'it',
    `${container}, { name: daprd, image: "daprio/daprd:1.16" }, { name: kuma-sidecar, image: "kumahq/kuma-dp:2.12" }`,
  ),
  serviceOf('it'),
  marked('kapp', 'kapp.k14s.io/identity: it'),
  marked('fleet', 'objectset.rio.cattle.io/owner-name: it'),
  marked('root-sync', 'configmanagement.gke.io/managed: enabled'),
  marked('repo-sync', 'configmanagement.gke.io/managed: enabled, configsync.gke.io/manager: shop'),
  ...Object.keys(suffixes).map(agentOf),
].join('');
const snapshots = [snapshotOf([...objectsIn(technologies).objects, ...oneOfEverything]), ...fixtures.map(readFixture)];
const stood = new Set(alwaysRead);

describe.each(checks)('$id', (check) => {
  const asked = new Set<GroupResource>();
  for (const snapshot of snapshots) {
    const facts = watched(buildFacts(snapshot), (part) => asked.add(part));
    check.evaluate(facts);
    check.dangling?.(facts);
  }
  const declared = new Set([...check.reads.needs, ...check.reads.uses]);

  test('asks for nothing that it does not declare', () => {
    expect([...asked].filter((part) => !declared.has(part)).sort()).toEqual([]);
  });

  // What every check stands on is read before any of them is asked.
  test('declares nothing that it does not ask for', () => {
    expect([...declared].filter((part) => !asked.has(part) && !stood.has(part)).sort()).toEqual([]);
  });
});

test('facts are built from what is always read', () => {
  const asked = new Set<GroupResource>();
  for (const snapshot of snapshots) {
    const objects = new Map(snapshot.objects);
    const get = objects.get.bind(objects);
    objects.get = (part) => {
      asked.add(part);
      return get(part);
    };
    buildFacts({ ...snapshot, objects });
  }
  expect([...asked].filter((part) => !stood.has(part))).toEqual([]);
});
