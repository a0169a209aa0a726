import { expect } from 'vitest';
import type { Check } from '../../../src/check/checks/define/check.ts';
import { runChecks } from '../../../src/check/run-checks.ts';
import { redact } from '../../../src/check/sources/recording/redact.ts';
import type { Snapshot } from '../../../src/check/sources/snapshot.ts';
import { objectsIn, snapshotOf } from './fixture.ts';
import { unlistedReasons } from './unlisted-reasons.ts';

/** What a check says of the service named `it`: "pass TRACES_ARRIVE". A redacted recording must say the same. */
export function verdictOf(yaml: string, check: Check): string {
  const { header, objects } = objectsIn(yaml);
  const said = (snapshot: Snapshot): string => {
    const run = runChecks(snapshot, { startedAt: '', today: '2026-01-01', checks: [check] });
    expect(unlistedReasons(run)).toEqual([]);
    const own = run.results.find(({ subject }) => subject.name === 'it');
    return `${own?.status} ${own?.reason}`;
  };
  const snapshot = snapshotOf(objects, header);
  const verdict = said(snapshot);
  expect(said(redact(snapshot)), 'of a recording').toBe(verdict);
  return verdict;
}
