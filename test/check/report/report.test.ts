import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckRun } from '../../../src/check/contract.ts';
import { renderJson } from '../../../src/check/report/json.ts';
import { renderMarkdown } from '../../../src/check/report/markdown.ts';
import { renderTerminal } from '../../../src/check/report/terminal.ts';
import { runChecks } from '../../../src/check/run-checks.ts';
import { width } from '../../../src/wrap.ts';
import { readFixture } from '../support/fixture.ts';
import { observation } from '../support/observation.ts';

const snapshot = readFixture(join(import.meta.dirname, '..', 'systems', 'shop.yaml'));
const run: CheckRun = runChecks(snapshot, {
  startedAt: '2026-01-01T00:00:00.000Z',
  today: '2026-01-01',
  waivers: [{ check: 'health-checks', name: 'stock', why: 'replaced in March', source: '.msvc/check.yaml:2' }],
});
const nothing = runChecks({ ...snapshot, objects: new Map() }, { startedAt: '', today: '2026-01-01' });

describe('terminal', () => {
  test.each([80, 120])('fits %i columns', async (columns) => {
    const text = renderTerminal(run, { columns, color: false });
    expect(Math.max(...text.split('\n').map(width))).toBeLessThanOrEqual(columns);
    await expect(text).toMatchFileSnapshot(`terminal-${columns}.txt`);
  });

  test('is plain without colour and coloured with it', () => {
    expect(renderTerminal(run, { columns: 80, color: false })).not.toContain('\u001b');
    expect(renderTerminal(run, { columns: 80, color: true })).toContain('\u001b[31m');
  });

  test('is never green where nothing was judged', () => {
    const text = renderTerminal(nothing, { columns: 80, color: false });
    expect(text).toContain('No service was judged.');
    expect(text).toContain('No score: no service was judged.');
  });

  test('says what became of the requests to pods', () => {
    const asked = renderTerminal({ ...run, observations: [observation] }, { columns: 120, color: false });
    expect(asked).toContain('asked of 1 pod: 4 of 6 requests answered, 1 refused, 1 not sent');
    expect(renderTerminal(run, { columns: 120, color: false })).not.toContain('asked of');
  });

  test('names what could not be read', () => {
    const reads = run.reads.map((read) =>
      read.resource === 'pods' ? { ...read, outcome: 'forbidden' as const } : read,
    );
    expect(renderTerminal({ ...run, reads }, { columns: 80, color: false })).toContain(
      'forbidden in the whole cluster: pods',
    );
  });
});

test('markdown', async () => {
  await expect(renderMarkdown(run)).toMatchFileSnapshot('markdown.txt');
});

test('JSON is one document: the run itself', () => {
  expect(JSON.parse([...renderJson(run)].join(''))).toEqual(run);
});
