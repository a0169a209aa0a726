import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckRun } from '../../src/check/contract.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { redact } from '../../src/check/sources/recording/redact.ts';
import type { Snapshot } from '../../src/check/sources/snapshot.ts';
import { fixtures, objectsIn, readFixture, snapshotOf } from './support/fixture.ts';
import { repeatedIds } from './support/repeated-ids.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

const judge = (snapshot: Snapshot): CheckRun => runChecks(snapshot, { startedAt: '', today: '2026-01-01' });
const idsOf = (run: CheckRun): string[] => run.results.flatMap(({ findings }) => findings.map(({ id }) => id));
const judged = (yaml: string): CheckRun => {
  const { header, objects } = objectsIn(yaml);
  return judge(snapshotOf(objects, header));
};

test.each(fixtures)('%s: no id stands twice, whatever list is lost', (path) => {
  const snapshot = readFixture(path);
  expect(repeatedIds(judge(snapshot))).toEqual([]);
  for (const part of snapshot.objects.keys()) {
    const reads = snapshot.reads.map((read) =>
      read.resource === part ? { ...read, outcome: 'forbidden' as const, count: 0 } : read,
    );
    const objects = new Map([...snapshot.objects].filter(([id]) => id !== part));
    expect(repeatedIds(judge({ ...snapshot, reads, objects })), part).toEqual([]);
  }
});

test.each(fixtures.filter((path) => !path.includes('/field-cases/')))('%s: a recording has the same ids', (path) => {
  const snapshot = readFixture(path);
  expect(idsOf(judge(redact(snapshot)))).toEqual(idsOf(judge(snapshot)));
});

const app = workload('it', '{ name: it, image: "shop/it:latest", livenessProbe: { tcpSocket: { port: 80 } } }');

test('an id stays when its subject loses its Service', () => {
  const [before, after] = [judged(app + serviceOf('it')), judged(app)].map((run) => new Set(idsOf(run)));
  const kept = [...(before ?? [])].filter((id) => after?.has(id));
  expect(kept).toEqual(
    expect.arrayContaining([
      'health-checks/shop/it/NO_READINESS/it',
      'health-checks/shop/it/TCP_ONLY/it/liveness',
      'deployment-automation/shop/it/NO_VERSION/it/it',
    ]),
  );
});

describe('subjects of one name', () => {
  const other =
    workload('other', '{ name: it, image: "shop/it:latest" }') + serviceOf('it').replace('app: it', 'app: other');
  const set = app.replace('Deployment', 'StatefulSet');

  test.each([
    ['a Service of other pods and a workload', other + app, ['shop/Deployment:it', 'shop/it']],
    ['two workloads', app + set, ['shop/Deployment:it', 'shop/StatefulSet:it']],
    ['one alone', app, ['shop/it']],
  ])('%s', (_, yaml, places) => {
    const run = judged(yaml);
    expect(repeatedIds(run)).toEqual([]);
    const found = idsOf(run).flatMap((id) => /^deployment-automation\/(.+)\/NO_VERSION/.exec(id)?.[1] ?? []);
    expect(found.sort()).toEqual(places);
  });

  test('where only some are asked for, ids stay', () => {
    const { header, objects } = objectsIn(other + app);
    const selector = [(labels: Record<string, string>) => labels['app'] === 'it'];
    const run = runChecks(snapshotOf(objects, header), { startedAt: '', today: '2026-01-01', selector });
    expect(idsOf(run)).toContain('deployment-automation/shop/Deployment:it/NO_VERSION/it/it');
  });
});

test('what is said twice under one id is one finding with all of it', () => {
  const file = join(import.meta.dirname, 'checks', 'distributed-tracing', 'unknown.configmaps-forbidden.yaml');
  const snapshot = readFixture(file);
  const slices = 'endpointslices.discovery.k8s.io';
  const reads = snapshot.reads.map((read) =>
    read.resource === slices ? { ...read, outcome: 'forbidden' as const, count: 0 } : read,
  );
  const objects = new Map([...snapshot.objects].filter(([part]) => part !== slices));
  const [found, ...more] = judge({ ...snapshot, reads, objects })
    .results.filter(({ check, subject }) => check === 'distributed-tracing' && subject.name === 'it')
    .flatMap(({ findings }) => findings.filter(({ reason }) => reason === 'NOT_READ'));
  expect(more).toEqual([]);
  expect(found?.message).toMatch(/whether collector:4317 answers.*; A switch or address may stand/);
});
