import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import { addressesIn } from '../../src/check/inventory/configuration/address.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { redact } from '../../src/check/sources/recording/redact.ts';
import { resources } from '../../src/check/sources/resources/resources.ts';
import type { KubeObject } from '../../src/check/sources/snapshot.ts';
import { snapshotOf } from './support/fixture.ts';

const alwaysJudged = checks.filter(({ shownBy }) => shownBy === undefined);

const judge = (objects: KubeObject[]) =>
  runChecks(snapshotOf(objects, { raw: true }), { startedAt: '', today: '2026-01-01' });

const pod = (name: string, extra: object = {}, container: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name }, ...extra },
    spec: { nodeName: 'node-1', containers: [{ name, image: 'shop/x:1', ...container }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }) as KubeObject;

/** Long enough for a busy machine, far too short for anything that is not linear. */
const patience = 10_000;

describe('owners', () => {
  const set = (name: string, owner: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'shop',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
    },
  });
  const owned = (name: string, owner: string) =>
    pod(name, {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: '', controller: true }],
    });

  test('that own themselves', () => {
    expect(judge([set('a', 'a'), owned('p', 'a')]).results.length).toBeGreaterThan(0);
  });
  test('in a circle', () => {
    expect(judge([set('a', 'b'), set('b', 'c'), set('c', 'a'), owned('p', 'a')]).results.length).toBeGreaterThan(0);
  });
  test(
    'in a chain of thousands',
    () => {
      const chain = Array.from({ length: 5000 }, (_, index) => set(`s${index}`, `s${index + 1}`));
      expect(judge([...chain, owned('p', 's0')]).results.length).toBeGreaterThan(0);
    },
    patience,
  );
});

test(
  'a ConfigMap of a megabyte in a thousand pods is read once',
  () => {
    const data = {
      'application.yaml': 'upstream: http://stock:80/path?x=y, other: a:b:c:d@e\n'.repeat(20_000).slice(0, 1_000_000),
    };
    const config: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big', namespace: 'shop' },
      data,
    };
    const volumes = [{ name: 'c', configMap: { name: 'big' } }];
    const pods = Array.from({ length: 1000 }, (_, index) => {
      const each = pod(`p${index}`, {}, { volumeMounts: [{ name: 'c', mountPath: '/c' }] });
      return { ...each, spec: { ...(each.spec as object), volumes } };
    });
    expect(judge([config, ...pods]).results.length).toBeGreaterThan(9000);
  },
  2 * patience,
);

test(
  'thousands of variables, each made of the one before',
  () => {
    const env = Array.from({ length: 5000 }, (_, index) => ({
      name: `V${index}`,
      value: index === 0 ? 'http://stock:80' : `$(V${index - 1})`,
    }));
    expect(judge([pod('p', {}, { env })]).results).toHaveLength(2 * alwaysJudged.length);
  },
  patience,
);

test(
  'variables that double each other do not grow without end',
  () => {
    const env = Array.from({ length: 60 }, (_, index) => ({
      name: `V${index}`,
      value: index === 0 ? 'x' : `$(V${index - 1})$(V${index - 1})`,
    }));
    expect(judge([pod('p', {}, { env })]).results).toHaveLength(2 * alwaysJudged.length);
  },
  patience,
);

test.each([
  ['one long word', 'a'.repeat(200_000)],
  ['many hyphens', 'a-'.repeat(100_000)],
  ['many dots', 'a.'.repeat(100_000)],
  ['many colons', 'a:'.repeat(100_000)],
  ['many schemes', 'http://'.repeat(30_000)],
  ['many users', 'a@'.repeat(100_000)],
  ['many pairs', 'Host=a;'.repeat(30_000)],
  ['spaces before an equals sign', `${' '.repeat(100_000)}=`],
  ['open braces', '{{'.repeat(100_000)],
])(
  '%s is scanned in linear time',
  (_, value) => {
    expect(addressesIn(value).length).toBeLessThan(100_001);
    const mark = { 'instrumentation.opentelemetry.io/inject-java': value, 'msvc.dev/calls': value.slice(0, 4000) };
    const env = [
      { name: 'JAVA_OPTS', value },
      { name: 'X_URL', value },
    ];
    expect(judge([pod('p', { annotations: mark }, { env, args: [value] })]).results).toHaveLength(
      2 * alwaysJudged.length,
    );
  },
  patience,
);

test.each([
  ['paths of logs', `${'/var/log/pods/'.repeat(10_000)}!`],
  ['references', `${'$A11111'.repeat(10_000)}!`],
  ['brackets', `${')'.repeat(100_000)}x`],
  ['settings of settings', `${'a='.repeat(50_000)}!`],
  ['options within options', `${'options=-c'.repeat(20_000)}!`],
])(
  '%s are redacted in linear time',
  (_, value) => {
    const snapshot = snapshotOf([pod('p', {}, { env: [{ name: 'X', value }], args: [value] })], { raw: true });
    const [kept] = redact(snapshot).objects.get('pods') ?? [];
    expect(JSON.stringify(kept)).not.toContain(value);
  },
  patience,
);

test.each([
  ['blank lines', '\n'.repeat(200_000)],
  ['blanks in a line', ' '.repeat(200_000)],
  ['an action after blanks', `${' '.repeat(200_000)}-action`],
  ['stars', `exclude_path ${'*a'.repeat(50_000)}`],
  ['folders of folders', `exclude: [${'/var/log/pods/**/**/'.repeat(5)}]\n`.repeat(100)],
  ['fields of origin', `action: drop\n${'kubernetes.namespace'.repeat(10_000)}`],
])(
  '%s in what a log agent is told are read once, in linear time',
  (_, text) => {
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'shop' }, data: { text } };
    const volumes = [
      { name: 'c', configMap: { name: 'c' } },
      { name: 'h', hostPath: { path: '/var/log/pods' } },
    ];
    const container = { name: 'agent', image: 'fluent/fluent-bit:4.2', volumeMounts: [{ name: 'c', mountPath: '/c' }] };
    const agent = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent', namespace: 'shop' },
      spec: { template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [container], volumes } } },
    };
    const pods = Array.from({ length: 200 }, (_, index) => pod(`p${index}`));
    expect(judge([config, agent, ...pods]).results.length).toBeGreaterThan(1000);
  },
  patience,
);

test(
  'a database that hundreds use is told of each with a few of the others',
  () => {
    const env = [{ name: 'DATABASE_URL', value: 'postgres://shop:x@db:5432/shop' }];
    const pods = Array.from({ length: 300 }, (_, index) => pod(`p${index}`, {}, { env }));
    const { results } = judge(pods);
    const found = results.flatMap(({ findings }) => findings).filter(({ reason }) => reason === 'SHARED_DATABASE');
    expect(found).toHaveLength(300);
    expect(Math.max(...found.map(({ evidence }) => evidence.length))).toBe(7);
  },
  patience,
);

test('objects whose fields are of other kinds than they should be', () => {
  const odd = [null, 0, 'text', [], {}, [null], { matchLabels: 1 }];
  const kinds = resources.map(({ group, versions, kind }) => [group ? `${group}/${versions[0]}` : 'v1', kind] as const);
  const objects = kinds.flatMap(([apiVersion, kind]) =>
    odd.flatMap((value, index): KubeObject[] => [
      {
        apiVersion,
        kind,
        metadata: { name: `a${index}`, namespace: 'shop' },
        spec: value,
        status: value,
        data: value,
        endpoints: value,
      },
      {
        apiVersion,
        kind,
        metadata: { name: `b${index}`, namespace: 'shop' },
        spec: {
          selector: value,
          rules: value,
          http: value,
          host: value,
          template: { spec: { containers: value, volumes: value } },
          containers: value,
          ports: value,
          targets: value,
          targetRef: value,
          targetRefs: value,
          scaleTargetRef: value,
          policies: value,
          trafficPolicy: value,
          tracing: value,
          config: value,
          to: value,
          routes: value,
          outputs: value,
          circuitBreaker: value,
          healthchecks: value,
          parentRefs: value,
        },
        status: { conditions: value, parents: value, resources: value, loadBalancer: value },
      },
    ]),
  );
  expect(() => judge([pod('p'), ...objects])).not.toThrow();
});
