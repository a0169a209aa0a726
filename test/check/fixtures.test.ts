import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { readFixture } from './support/fixture.ts';

const folder = join(import.meta.dirname, 'checks');

/**
 * One file a case, `<verdict>.<what>.yaml`: the subject named `it` must get that verdict. A file whose name ends in
 * `.all.yaml` says it of every subject; `not-looked-at` is no verdict: there must be no cell at all.
 */
describe.each(checks.map((check) => ({ id: check.id, check })))('$id', ({ id, check }) => {
  const files = existsSync(join(folder, id))
    ? readdirSync(join(folder, id)).filter((name) => name.endsWith('.yaml'))
    : [];

  test.each(files)('%s', (file) => {
    const run = runChecks(readFixture(join(folder, id, file)), {
      startedAt: '2026-01-01T00:00:00.000Z',
      today: '2026-01-01',
      checks: [check],
    });
    const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
    if (file.startsWith('not-looked-at.')) {
      expect(services.filter(({ subject }) => subject.name === 'it')).toEqual([]);
      expect(run.notShown).toMatchObject([{ check: id, shownBy: check.shownBy }]);
      return;
    }
    const judged = file.includes('.all.') ? services : services.filter(({ subject }) => subject.name === 'it');
    expect(judged.length, `${file} holds a subject named "it"`).toBeGreaterThan(0);
    for (const { status, reason, message, subject } of judged)
      expect(`${subject.name}: ${status}`, `${reason}: ${message}`).toBe(`${subject.name}: ${file.split('.')[0]}`);
  });

  test('has a fixture for each of its verdicts, for a list it may not read, and for a trap', () => {
    expect([...new Set(files.map((file) => file.split('.')[0]))].sort()).toEqual(
      [...check.verdicts, ...(check.shownBy === undefined ? [] : ['not-looked-at'])].sort(),
    );
    expect(files.some((file) => file.includes('forbidden'))).toBe(true);
    expect(files.some((file) => file.includes('trap'))).toBe(true);
  });

  test('explains itself', () => {
    for (const [name, text] of Object.entries(check.docs)) expect(text.length, name).toBeGreaterThan(60);
  });
});
