import { describe, expect, test } from 'vitest';
import type { CheckRun, ReadOutcome } from '../../../src/check/contract.ts';
import { baselineOf, compareBaselines } from '../../../src/check/findings/baseline.ts';
import { exitCode } from '../../../src/check/findings/exit-code.ts';
import { readBaselines, writeBaselines } from '../../../src/check/findings/read-baseline.ts';
import { junit } from '../../../src/check/report/junit.ts';
import { type RunOptions, runChecks } from '../../../src/check/run-checks.ts';
import type { Snapshot } from '../../../src/check/sources/snapshot.ts';
import { fixtures, objectsIn, readFixture, snapshotOf } from '../support/fixture.ts';
import { serviceOf, workload } from '../support/shop-objects.ts';

const demo = readFixture('test/check/systems/demo.yaml');
const judge = (snapshot: Snapshot, options: Partial<RunOptions> = {}): CheckRun =>
  runChecks(snapshot, { startedAt: '', today: '2026-01-01', ...options });
const changes = (before: CheckRun, now: CheckRun) => compareBaselines(baselineOf(before), baselineOf(now, true));
const states = (before: CheckRun, now: CheckRun): string[] =>
  changes(before, now).list.map(({ state, id }) => `${state} ${id}`);

const probe = (name: string) => `${name}Probe: { httpGet: { path: /, port: 80 } }`;
const app = (probes: readonly string[], name = 'it', image = `shop/${name}:1.2.3`) =>
  workload(
    name,
    `{ name: ${name}, image: "${image}", ports: [{ containerPort: 80 }], ${probes.map(probe).join(', ')} }`,
  ) + serviceOf(name);
const other = app(['readiness', 'liveness'], 'other');
const both = ['readiness', 'liveness'];
const ofYaml = (yaml: string, options: Partial<RunOptions> = {}): CheckRun =>
  judge(snapshotOf(objectsIn(yaml).objects), options);
const health = (list: string[]): string[] => list.filter((line) => line.includes(' health-checks/'));

describe('what became of a fault', () => {
  test.each([
    ['new', app(both) + other, app(['readiness']) + other, ['new health-checks/shop/it/NO_LIVENESS/it']],
    ['resolved', app(['readiness']) + other, app(both) + other, ['resolved health-checks/shop/it/NO_LIVENESS/it']],
    ['gone with its service', app(['readiness']) + other, other, ['gone health-checks/shop/it/NO_LIVENESS/it']],
    ['new with its service', other, app(['readiness']) + other, ['new health-checks/shop/it/NO_LIVENESS/it']],
    ['the same', app(['readiness']) + other, app(['readiness'], 'it', 'shop/it:2.0.0') + other, []],
  ])('%s', (_, before, now, expected) => {
    expect(health(states(ofYaml(before), ofYaml(now)))).toEqual(expected);
  });

  test('worse and better: the same finding, of another level', () => {
    const run = ofYaml(app(['readiness']) + other);
    const raised = {
      ...run,
      results: run.results.map((result) => ({
        ...result,
        findings: result.findings.map((finding) =>
          finding.reason === 'NO_LIVENESS' ? { ...finding, status: 'fail' as const } : finding,
        ),
      })),
    };
    expect(states(run, raised)).toEqual(['worse health-checks/shop/it/NO_LIVENESS/it']);
    expect(states(raised, run)).toEqual(['better health-checks/shop/it/NO_LIVENESS/it']);
  });

  test('a check that one of the two did not run is not comparable', () => {
    const run = ofYaml(app(['readiness']) + other);
    const without = {
      ...run,
      results: run.results.filter(({ check }) => check !== 'health-checks'),
      summary: { ...run.summary, items: run.summary.items.filter(({ check }) => check !== 'health-checks') },
    };
    expect(states(run, without)).toEqual(['not-comparable health-checks/shop/it/NO_LIVENESS/it']);
    expect(states(without, run)).toEqual(['not-comparable health-checks/shop/it/NO_LIVENESS/it']);
  });

  test('a cell that nothing shows any more is not seen to be mended, and one that something shows is not new', () => {
    const release = (name: string, released: string) =>
      workload(name, `{ name: ${name}, image: "shop/${name}:1" }`, {
        metadata: released && `, annotations: { meta.helm.sh/release-name: ${released} }`,
      }) + serviceOf(name);
    const [together, apart] = ['shop', ''].map((of) =>
      ofYaml(['it', 'other'].map((name) => release(name, of)).join('') + release('third', 'third')),
    ) as [CheckRun, CheckRun];
    const delivery = (list: string[]) => list.filter((line) => line.includes('independent-delivery/shop/it/'));
    expect(delivery(states(together, apart))[0]).toMatch(/^unseen independent-delivery/);
    expect(delivery(states(apart, together))[0]).toMatch(/^appeared independent-delivery/);
  });

  test('what somebody accepts is not new, and is when nobody does any more', () => {
    const waivers = [{ check: 'health-checks', why: 'w', source: 's' }];
    const [open, waived] = [{}, { waivers }].map((options) => ofYaml(app(['readiness']) + other, options)) as [
      CheckRun,
      CheckRun,
    ];
    expect(health(states(ofYaml(app(both) + other), waived))).toEqual([]);
    expect(health(states(waived, open))).toEqual(['new health-checks/shop/it/NO_LIVENESS/it']);
    expect(health(states(open, waived))).toEqual([]);
  });
});

test('what nobody could know then either hides nothing: a mended fault is resolved, and another is new', () => {
  const blind = (yaml: string): CheckRun => {
    const { objects } = objectsIn(yaml);
    return judge(
      snapshotOf(objects, { reads: { 'daemonsets.apps': 'forbidden', 'applications.argoproj.io': 'forbidden' } }),
    );
  };
  const [bad, good] = [blind(app(both, 'it', 'shop/it') + other), blind(app(both) + other)];
  expect(good.results.find(({ check }) => check === 'deployment-automation')?.status).toBe('unknown');
  expect(states(bad, good)).toEqual(['resolved deployment-automation/shop/it/NO_VERSION/it/it']);
  expect(states(good, bad)).toEqual(['new deployment-automation/shop/it/NO_VERSION/it/it']);
});

const pathsOfSystems = fixtures.filter((path) => path.includes('/systems/'));

describe.each(pathsOfSystems)('%s', (path) => {
  const snapshot = readFixture(path);
  const run = judge(snapshot);

  test('compared with itself nothing changed', () => {
    expect(changes(run, run)).toEqual({ list: [], lost: [] });
  });

  test('names of pods change nothing', () => {
    const renamed = new Map(snapshot.objects);
    for (const part of ['pods', 'endpointslices.discovery.k8s.io'])
      renamed.set(
        part,
        (renamed.get(part) ?? []).map((object) => {
          const { pods, ...rest } = JSON.parse(JSON.stringify(object).replace(/-(\d)"/g, '-x$1"'));
          return rest;
        }),
      );
    expect(states(run, judge({ ...snapshot, objects: renamed })).filter((line) => !line.startsWith('better'))).toEqual(
      [],
    );
  });

  test.each(snapshot.reads.filter(({ count }) => count > 0).map(({ resource }) => resource))(
    'losing %s resolves nothing, and what is lost is told',
    (part) => {
      const lose = (read: ReadOutcome): ReadOutcome =>
        read.resource === part ? { ...read, outcome: 'forbidden', count: 0 } : read;
      const objects = new Map(snapshot.objects);
      objects.delete(part);
      const blind = judge({ ...snapshot, reads: snapshot.reads.map(lose), objects });
      const { list, lost } = changes(run, blind);
      expect(list.filter(({ state }) => ['resolved', 'gone', 'better'].includes(state))).toEqual([]);
      expect(lost).toEqual([part]);
      // The way back is nothing that somebody broke.
      expect(changes(blind, run).list.filter(({ state }) => state === 'new' || state === 'worse')).toEqual([]);
    },
  );
});

describe('how a run ends where only what is new counts', () => {
  const before = ofYaml(app(both, 'it', 'shop/it') + other);
  const compared = (now: CheckRun): CheckRun => ({ ...now, changes: changes(before, now) });
  const same = compared(before);
  const worse = compared(ofYaml(app([], 'it', 'shop/it') + other));

  test('what was there does not fail it', () => {
    expect(exitCode(before, 'fail', 0)).toBe(1);
    expect(exitCode(same, 'fail', 0, true)).toBe(0);
    expect(exitCode(same, 'fail', 0)).toBe(1);
  });

  test('what is new does', () => {
    expect(exitCode(worse, 'fail', 0, true)).toBe(1);
  });

  test('lists that were lost are incomplete', () => {
    const lost = { ...same, changes: { list: [], lost: ['pods'] } };
    expect(exitCode(lost, 'fail', 0, true)).toBe(3);
    expect(exitCode({ ...worse, changes: { ...changes(before, worse), lost: ['pods'] } }, 'fail', 0, true)).toBe(1);
  });

  test('JUnit fails the same cases, and skips what the baseline holds', () => {
    expect(junit([same], 'fail', true)).not.toContain('<failure');
    expect(junit([same], 'fail', true)).toContain('<skipped message="in the baseline: NO_VERSION: ');
    expect(junit([same], 'fail')).toContain('<failure type="NO_VERSION"');
    expect(junit([worse], 'fail', true).match(/<failure type="\w+"/g)).toEqual(['<failure type="NO_PROBES"']);
  });
});

describe('the file', () => {
  const run = judge(demo);

  test('is as good as the report, and holds no message', () => {
    const text = writeBaselines([baselineOf(run)]);
    expect(readBaselines(text, 'it')).toEqual([baselineOf(run)]);
    expect(readBaselines(JSON.stringify(run), 'it')).toEqual([baselineOf(run)]);
    expect(text).not.toContain('message');
  });

  test.each([
    ['no JSON', '{'],
    ['something else', '{"schema":"msvc.plan/1"}'],
    ['a list', '[]'],
    ['one that was cut', '{"schema":"msvc.baseline/1","runs":[{"checks":[]}]}'],
    ['a report without results', '{"schema":"msvc.check/1"}'],
    ['a baseline of nothing', '{"schema":"msvc.baseline/1"}'],
    ...[
      ['checks that are numbers', { checks: [1] }],
      ['a cell that is nothing', { cells: [null] }],
      ['a fault that is nothing', { cells: [{ check: 'a', service: 'b', faults: [null] }] }],
      ['a fault without an id', { cells: [{ check: 'a', service: 'b', faults: [{ status: 'fail' }] }] }],
      ['a fault of another level', { cells: [{ check: 'a', service: 'b', faults: [{ id: 'a', status: 'pass' }] }] }],
      ['what was open as a text', { cells: [{ check: 'a', service: 'b', open: 'all', faults: [] }] }],
      ['lists that are numbers', { unread: [1] }],
    ].map(([what, part]) => [
      what as string,
      JSON.stringify({ schema: 'msvc.baseline/1', runs: [{ checks: [], cells: [], unread: [], ...(part as object) }] }),
    ]),
    [
      'a report whose findings have no id',
      '{"schema":"msvc.check/1","results":[{"check":"a","subject":{"kind":"Service","name":"b"},"status":"warn","findings":[{"status":"warn"}]}],"reads":[],"summary":{"items":[]}}',
    ],
  ])('%s is told', (_, text) => {
    expect(() => readBaselines(text, 'it.json')).toThrow('it.json is nothing to compare with');
  });
});
