import { expect, test } from 'vitest';
import { buildFacts, withObservations } from '../../src/check/inventory/facts.ts';
import { planProbes } from '../../src/check/inventory/probing/plan-probes.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import type { Snapshot } from '../../src/check/sources/snapshot.ts';
import { fixtures, readFixture } from './support/fixture.ts';

const options = { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' };

const observed = fixtures
  .map((path): [string, Snapshot] => [path.split('/').slice(-2).join('/'), readFixture(path)])
  .filter(([, { observations }]) => observations !== undefined);

test('there are pods that were asked', () => {
  expect(observed.length).toBeGreaterThan(10);
});

test.each(observed)('%s: facts that were there before pods were asked serve afterwards', (_, snapshot) => {
  const { observations = [], ...before } = snapshot;
  const facts = buildFacts(before);
  planProbes(facts, { probe: true, sampleLogs: true });
  // A check that had looked before would have remembered that nobody was asked.
  runChecks(before, { ...options, facts });
  expect(runChecks(snapshot, { ...options, facts: withObservations(facts, observations) })).toEqual(
    runChecks(snapshot, options),
  );
});
