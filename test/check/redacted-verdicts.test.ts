import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { redact } from '../../src/check/sources/recording/redact.ts';
import type { Snapshot } from '../../src/check/sources/snapshot.ts';
import { fixtures, readFixture } from './support/fixture.ts';

const folder = join(import.meta.dirname, 'checks');
const verdicts = (snapshot: Snapshot) =>
  runChecks(snapshot, { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' }).results.map(
    ({ check, subject, status, reason }) => `${check} ${subject.namespace ?? ''}/${subject.name}: ${status} ${reason}`,
  );

describe.each(checks.map(({ id }) => id))('%s', (id) => {
  test.each(readdirSync(join(folder, id)))('%s is judged the same when it is redacted', (file) => {
    const snapshot = readFixture(join(folder, id, file));
    expect(verdicts(redact(snapshot))).toEqual(verdicts(snapshot));
  });
});

test.each(fixtures.filter((path) => path.includes('/field-cases/')))('%s is judged the same too', (path) => {
  const snapshot = readFixture(path);
  expect(verdicts(redact(snapshot))).toEqual(verdicts(snapshot));
});
