import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReadOutcome } from '../../../../src/check/contract.ts';
import { runChecks } from '../../../../src/check/run-checks.ts';
import { demoSnapshot } from '../../../../src/check/sources/recording/demo.ts';
import { withNewerKinds } from '../../../../src/check/sources/recording/newer-kinds.ts';
import { readRecording, writeRecording } from '../../../../src/check/sources/recording/recording.ts';
import { resources } from '../../../../src/check/sources/resources/resources.ts';
import type { Snapshot } from '../../../../src/check/sources/snapshot.ts';
import { readFixture } from '../../support/fixture.ts';

const system = readFixture(join(import.meta.dirname, '..', '..', 'systems', 'shop.yaml'));
const groupOf = new Map(resources.map(({ part, group }) => [part, group]));
const servedBy = ({ reads }: Snapshot): NonNullable<Snapshot['served']> => ({
  resources: reads.filter(({ outcome }) => outcome !== 'absent').map(({ resource }) => resource),
  unanswered: [],
});

const folder = await mkdtemp(join(tmpdir(), 'msvc-recording-'));
afterAll(() => rm(folder, { recursive: true }));
await writeRecording({ ...system, served: servedBy(system) }, folder);
const file = join(folder, 'recording.json');
const recorded = JSON.parse(await readFile(file, 'utf8'));

/** The same recording as an older version would have written it, which did not know some kinds. */
async function recordedWithout(isNewer: (part: string) => boolean, more: object = {}): Promise<Snapshot> {
  const reads = recorded.reads.filter(({ resource }: ReadOutcome) => !isNewer(resource));
  await writeFile(file, JSON.stringify({ ...recorded, ...more, reads }));
  return readRecording(folder);
}
const judge = (snapshot: Snapshot) => {
  const { results, summary } = runChecks(snapshot, { startedAt: '', today: '2026-01-01' });
  return { results, summary };
};
const outcomesOf = ({ reads }: Snapshot) =>
  new Map(reads.map(({ resource, outcome }): [string, ReadOutcome['outcome']] => [resource, outcome]));

const absentGroups = [...new Set(groupOf.values())].filter((group) =>
  system.reads.every(({ resource, outcome }) => groupOf.get(resource) !== group || outcome === 'absent'),
);

describe('a recording that keeps what was served', () => {
  test.each(absentGroups)('is as right as on its day when kinds of %s are added', async (group) => {
    const whole = judge(await recordedWithout(() => false));
    expect(judge(await recordedWithout((part) => groupOf.get(part) === group))).toEqual(whole);
  });

  test('knows nothing of a kind that was served and not read', async () => {
    const { reads } = await recordedWithout((part) => part === 'networkpolicies.networking.k8s.io');
    expect(reads.filter(({ resource }) => resource === 'networkpolicies.networking.k8s.io')).toEqual([
      {
        resource: 'networkpolicies.networking.k8s.io',
        outcome: 'partial',
        count: 0,
        detail: 'recorded by an older version that did not read it',
      },
    ]);
  });

  test('knows nothing of a group that did not answer', async () => {
    const isNewer = (part: string): boolean => groupOf.get(part) === 'keda.sh';
    const served = { ...servedBy(system), unanswered: ['keda.sh'] };
    expect(outcomesOf(await recordedWithout(isNewer, { served })).get('scaledobjects.keda.sh')).toBe('partial');
  });
});

describe('a recording that does not', () => {
  const reads: ReadOutcome[] = [
    { resource: 'ingressroutes.traefik.io', outcome: 'absent', count: 0 },
    { resource: 'gateways.gateway.networking.k8s.io', outcome: 'ok', count: 0 },
    { resource: 'httproutes.gateway.networking.k8s.io', outcome: 'absent', count: 0 },
    { resource: 'httpproxies.projectcontour.io', outcome: 'forbidden', count: 0 },
  ];
  const outcomes = outcomesOf({ ...system, reads: withNewerKinds(reads, undefined) });

  test.each([
    ['whose other kinds were absent', 'middlewares.traefik.io', 'absent'],
    ['of which some were served', 'grpcroutes.gateway.networking.k8s.io', 'partial'],
    ['that it never asked for', 'scaledobjects.keda.sh', 'partial'],
  ])('a kind of a group %s', (_, part, outcome) => expect(outcomes.get(part)).toBe(outcome));

  test('what it says itself stays', () => {
    for (const { resource, outcome } of reads) expect(outcomes.get(resource)).toBe(outcome);
  });
});

test('the recording that ships keeps what was served', () => {
  const { served } = demoSnapshot();
  expect(served?.resources).toContain('deployments.apps');
  expect(served?.unanswered).toEqual([]);
});
