import { describe, expect, test } from 'vitest';
import { checks } from '../../../src/check/checks/index.ts';
import { parseCheckConfig } from '../../../src/check/findings/check-config.ts';
import { exitCode } from '../../../src/check/findings/exit-code.ts';
import type { WaiverRule } from '../../../src/check/findings/waivers.ts';
import { globMatches } from '../../../src/check/inventory/globs.ts';
import { runChecks } from '../../../src/check/run-checks.ts';
import { userError } from '../../generate/support/user-error.ts';
import { objectsIn, snapshotOf } from '../support/fixture.ts';

const health = checks.filter(({ id }) => id === 'health-checks');
const deployment = (annotations = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders${annotations} }
spec: { template: { metadata: { labels: { app: orders } }, spec: { containers: [{ name: orders, image: 'shop/orders:1' }] } } }
`;
const judge = (yaml: string, waivers: WaiverRule[] = [], reads = {}) =>
  runChecks(snapshotOf(objectsIn(yaml).objects, { reads }), {
    startedAt: '2026-06-01T00:00:00.000Z',
    today: '2026-06-01',
    checks: health,
    waivers,
  });
const rule = (given: Partial<WaiverRule> = {}): WaiverRule => ({
  check: 'health-checks',
  why: 'known',
  source: '.msvc/check.yaml:2',
  ...given,
});

describe('waivers', () => {
  test.each([
    ['of the check', rule(), 0],
    ['of its reason', rule({ reason: 'WORKER_WITHOUT_PROBES' }), 0],
    ['of another reason', rule({ reason: 'TCP_ONLY' }), 1],
    ['by name', rule({ name: 'ord*' }), 0],
    ['of another name', rule({ name: 'pay*' }), 1],
    ['of another namespace', rule({ namespace: 'depot' }), 1],
    ['on its last day', rule({ expires: '2026-06-01' }), 0],
    ['that ended', rule({ expires: '2026-05-31' }), 1],
    ['of another check', rule({ check: 'api-gateway' }), 1],
  ] as const)('%s', (_, waiver, code) => {
    const run = judge(deployment(), [waiver]);
    expect(exitCode(run, 'fail', 0)).toBe(code);
    // The cell and the score stay what they are: only the exit code is kept quiet.
    expect(run.results[0]?.status).toBe('fail');
    expect(run.summary.score).toBe(0);
    expect(run.summary.items[0]?.waived).toBe(code === 0 ? 1 : 0);
  });

  test('an annotation waives with its reason, and not without one', () => {
    const waived = judge(deployment(', annotations: { msvc.dev/ignore-health-checks: "replaced in March" }'));
    expect(waived.results[0]?.findings[0]?.waived).toEqual({
      why: 'replaced in March',
      source: 'annotation on Deployment shop/orders',
    });
    expect(exitCode(waived, 'fail', 0)).toBe(0);
    expect(exitCode(judge(deployment(', annotations: { msvc.dev/ignore-health-checks: " " }')), 'fail', 0)).toBe(1);
  });

  test('an annotation on the namespace waives for all in it', () => {
    const namespace =
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, annotations: { msvc.dev/ignore-health-checks: legacy } }\n';
    expect(exitCode(judge(`${deployment()}---\n${namespace}`), 'fail', 0)).toBe(0);
  });
});

describe('exit code', () => {
  test.each([
    ['fail', 1],
    ['warn', 1],
    ['never', 0],
  ] as const)('a fail with --fail-on %s', (failOn, code) => {
    expect(exitCode(judge(deployment()), failOn, 0)).toBe(code);
  });

  test('nothing judged is incomplete', () => {
    expect(exitCode(judge(''), 'fail', 0)).toBe(3);
  });

  test('a subject list that failed is incomplete, and there is no score', () => {
    const run = judge(deployment(), [], { 'statefulsets.apps': 'forbidden', pods: 'forbidden' });
    expect(run.summary).toMatchObject({ score: null, coverage: null });
    expect(exitCode(run, 'never', 0)).toBe(3);
  });

  test('a fail outweighs an incomplete run', () => {
    expect(exitCode(judge(deployment(), [], { 'statefulsets.apps': 'error' }), 'fail', 0)).toBe(1);
  });

  test('too little coverage is incomplete', () => {
    const run = judge(deployment());
    expect(run.summary.coverage).toBe(100);
    expect(exitCode({ ...run, summary: { ...run.summary, coverage: 59.9 } }, 'never', 60)).toBe(3);
    expect(exitCode({ ...run, summary: { ...run.summary, coverage: 60 } }, 'never', 60)).toBe(0);
  });
});

describe('.msvc/check.yaml', () => {
  const reasoned = (code: string): string => `waivers:\n  - check: health-checks\n    reason: ${code}\n    why: x\n`;

  test('gives waivers with the line they stand on', () => {
    const text =
      'waivers:\n  - check: health-checks\n    name: legacy-*\n    why: replaced in March\n    expires: 2026-12-31\n';
    expect(parseCheckConfig(text, '.msvc/check.yaml', checks)).toEqual([
      {
        check: 'health-checks',
        name: 'legacy-*',
        why: 'replaced in March',
        expires: '2026-12-31',
        source: '.msvc/check.yaml:2',
      },
    ]);
    expect(parseCheckConfig('', 'f', checks)).toEqual([]);
  });

  test.each([
    ['waivers:\n  - check: [', /:2: /],
    ['- a\n', /:1: it must be a map/],
    ['ignore: []\n', /:1: the key "ignore" is not known/],
    ['waivers: yes\n', /:1: waivers must be a list/],
    ['waivers:\n  - text\n', /:2: a waiver must be a map/],
    ['waivers:\n  - check: nope\n    why: x\n', /:2: there is no check "nope"/],
    ['waivers:\n  - check: health-check\n    why: x\n', /:2: there is no check "health-check".*mean health-checks\?/s],
    [reasoned('TCP_ONYL'), /:3: health-checks has no reason "TCP_ONYL".*Did you mean TCP_ONLY\?/s],
    [reasoned('LATE'), /:3: health-checks has no reason "LATE".*msvc explain health-checks/s],
    [reasoned('CYCLE'), /:3: health-checks has no reason "CYCLE"/],
    [reasoned('PROBES_TEST_THE_APP'), /:3: PROBES_TEST_THE_APP of health-checks is nothing that could be waived/],
    ['waivers:\n  - why: x\n', /:2: check is missing/],
    ['waivers:\n  - check: api-gateway\n', /:2: why is missing/],
    ['waivers:\n  - check: api-gateway\n    why: ""\n', /:3: why must be a text/],
    ['waivers:\n  - check: api-gateway\n    why: x\n    expires: soon\n', /:4: expires "soon" is no date/],
    ['waivers:\n  - check: api-gateway\n    why: x\n    until: 2026-01-01\n', /:4: the key "until" is not known/],
  ])('%j', async (text, expected) => {
    const { message, why, fix, exitCode } = await userError(() => parseCheckConfig(text, '.msvc/check.yaml', checks));
    expect(exitCode).toBe(2);
    expect([message, why, fix].join('\n')).toMatch(expected);
  });
});

test('globs', () => {
  expect(globMatches('*', 'anything')).toBe(true);
  expect(globMatches('a*c', 'abc')).toBe(true);
  expect(globMatches('a*b*c', 'a-b-b-c')).toBe(true);
  expect(globMatches('ab*bc', 'abc')).toBe(false);
  expect(globMatches('a.c', 'abc')).toBe(false);
  expect(globMatches(`${'*a'.repeat(2000)}b`, 'a'.repeat(20_000))).toBe(false);
});
