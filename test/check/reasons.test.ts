import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { filesBelow, root } from '../repo/support/imports.ts';
import { fixtures, readFixture } from './support/fixture.ts';
import { saidIn, unlistedReasons } from './support/unlisted-reasons.ts';

const tests = filesBelow('test/check')
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(root, path), 'utf8'));

/** What every check says of every fixture, its own and the others', and of whole systems. */
const runs = fixtures.map((path) => ({
  path,
  run: runChecks(readFixture(path), { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' }),
}));
const reached = new Set(
  runs.flatMap(({ run }) => saidIn(run)).map((said) => said.replace(/^(\S+) \S+ (\S+)$/, '$1 $2')),
);

test.each(runs)('$path: every verdict and finding gives a reason of its check’s table, with its status', ({ run }) => {
  expect(unlistedReasons(run)).toEqual([]);
});

describe.each(checks)('$id', ({ id, reasons }) => {
  test.each(Object.entries(reasons))('%s is given by a fixture, or a test expects it', (code, { title }) => {
    expect(reached.has(`${id} ${code}`) || tests.some((text) => new RegExp(`\\b${code}\\b`).test(text))).toBe(true);
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    expect(title).toMatch(/^[A-Z][^\n]{8,90}[^.\s]$/);
  });
});

describe('msvc explain', () => {
  const explain = async (topic: string): Promise<{ exitCode: number; text: string }> => {
    const ports = testPorts();
    const exitCode = await runCommandLine('msvc', ['explain', topic], ports);
    return { exitCode, text: ports.stdout.text + ports.stderr.text };
  };

  test.each([
    [
      'a reason',
      'NO_PROBES',
      /^NO_PROBES: Neither .*status +fail\n *check +health-checks\n.*What to do.*reason: NO_PROBES/s,
    ],
    ['as it is written elsewhere', 'no-probes', /^NO_PROBES: Neither/],
    ['that many checks give', 'NOT_READ', /status +unknown\n *check +service-boundaries.*print-rbac/s],
    [
      'that means two things',
      'NO_SERVICE',
      /status +note\n *check +service-boundaries.*status +n-a\n *check +service-disc/s,
    ],
    ['of the cluster’s line', 'WORST_OF_SERVICES', /the line of the cluster/],
    ['a check lists its reasons', 'health-checks', /Reasons\n(.*\n)* +TCP_ONLY +warn: /],
  ])('%s', async (_, topic, expected) => {
    const { exitCode, text } = await explain(topic);
    expect(text).toMatch(expected);
    expect(exitCode).toBe(0);
  });

  test('what is no fault needs no waiver', async () => {
    expect((await explain('PROBES_TEST_THE_APP')).text).not.toMatch(/What to do|accept/);
  });

  test('an unknown one is an error with the nearest', async () => {
    const { exitCode, text } = await explain('NO_PROBS');
    expect(exitCode).toBe(2);
    expect(text).toMatch(/UNKNOWN_REASON.*Did you mean NO_PROBES\?/s);
  });
});
