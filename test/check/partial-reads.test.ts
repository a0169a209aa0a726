import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partsOf } from '../../src/check/check-cluster.ts';
import { checks } from '../../src/check/checks/index.ts';
import type { CheckRun, ReadOutcome } from '../../src/check/contract.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import type { Snapshot } from '../../src/check/sources/snapshot.ts';
import { readFixture } from './support/fixture.ts';
import { unlistedReasons } from './support/unlisted-reasons.ts';

const folder = join(import.meta.dirname, 'checks');
const options = { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' };

const without = (snapshot: Snapshot, part: string, outcome: ReadOutcome['outcome']): Snapshot => ({
  ...snapshot,
  reads: snapshot.reads.map((read) => (read.resource === part ? { ...read, outcome, count: 0 } : read)),
  objects: new Map([...snapshot.objects].filter(([id]) => id !== part)),
});

/** The first pages of a list, as far as they came: every other object, then the ones in between. */
const halves = (snapshot: Snapshot, part: string): Snapshot[] =>
  // Half of nothing is nothing.
  (snapshot.objects.get(part)?.length ? [0, 1] : []).map((rest) => ({
    ...snapshot,
    reads: snapshot.reads.map((read) => (read.resource === part ? { ...read, outcome: 'partial' as const } : read)),
    objects: new Map(
      [...snapshot.objects].map(([id, list]) => [
        id,
        id === part ? list.filter((_, index) => index % 2 === rest) : list,
      ]),
    ),
  }));

const verdicts = (run: CheckRun): Map<string, string> =>
  new Map(
    run.results
      .filter(({ subject }) => subject.kind !== 'Cluster')
      .map(({ check, subject, status }) => [`${check} ${subject.namespace}/${subject.name}`, status]),
  );

/** What may become of a run when one list is lost: fewer certain words, never other ones, never better numbers. */
function compare(whole: CheckRun, partial: CheckRun, part: string): string[] {
  const wrong = unlistedReasons(partial).map((said) => `${part}: no table lists ${said}`);
  const before = verdicts(whole);
  for (const [cell, status] of verdicts(partial)) {
    const was = before.get(cell);
    // A workload whose Service was not seen goes by its own name: a new subject, and then there is no score.
    if (was === undefined) {
      // Whether something shows it is no longer known; and to what it does not apply is in no count.
      if (partial.summary.score !== null && status !== 'unknown' && status !== 'n-a')
        wrong.push(`${part}: ${cell} appeared, with a score`);
    } else if (status !== was && status !== 'unknown') wrong.push(`${part}: ${cell} was ${was}, is ${status}`);
  }
  for (const cell of before.keys())
    if (!verdicts(partial).has(cell) && partial.summary.score !== null)
      wrong.push(`${part}: ${cell} vanished, with a score`);
  for (const number of ['score', 'coverage'] as const) {
    const [was, is] = [whole.summary[number], partial.summary[number]];
    if (is !== null && is > (was ?? 0)) wrong.push(`${part}: ${number} rose from ${was} to ${is}`);
  }
  return wrong;
}

describe.each(checks.map((check) => ({ id: check.id, check })))('$id', ({ id, check }) => {
  const files = readdirSync(join(folder, id));
  test.each(files)('%s: losing any one list makes verdicts unknown and nothing else', (file) => {
    const snapshot = readFixture(join(folder, id, file));
    const run = (of: Snapshot): CheckRun => runChecks(of, { ...options, checks: [check] });
    const whole = run(snapshot);
    const wrong = [...partsOf([check])].flatMap((part) =>
      [without(snapshot, part, 'forbidden'), ...halves(snapshot, part)].flatMap((lost) =>
        compare(whole, run(lost), part),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

test.each(['shop.yaml', 'demo.yaml'])('%s: losing any one list of a whole system', (file) => {
  const snapshot = readFixture(join(import.meta.dirname, 'systems', file));
  const whole = runChecks(snapshot, options);
  const wrong = [...partsOf(checks)].flatMap((part) =>
    [without(snapshot, part, 'forbidden'), ...halves(snapshot, part)].flatMap((lost) =>
      compare(whole, runChecks(lost, options), part),
    ),
  );
  expect(wrong).toEqual([]);
});
