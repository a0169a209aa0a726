import { expect, test } from 'vitest';
import { runChecks } from '../../src/check/run-checks.ts';
import { readFixture } from './support/fixture.ts';

const system = readFixture('test/check/systems/demo.yaml');
const blind = runChecks(
  {
    ...system,
    reads: system.reads.map((read) =>
      read.resource === 'services' ? read : { ...read, outcome: 'forbidden' as const, count: 0 },
    ),
    objects: new Map([['services', system.objects.get('services') ?? []]]),
  },
  { startedAt: '', today: '2026-01-01' },
);
const unread = blind.results.flatMap(({ findings }) => findings.filter(({ reason }) => reason === 'NOT_READ'));

test('what was not read is data: each list once, with what became of it', () => {
  expect(unread.length).toBeGreaterThan(0);
  for (const { gaps = [], id } of unread) {
    expect(gaps, id).not.toEqual([]);
    expect(new Set(gaps.map((gap) => JSON.stringify(gap))).size, id).toBe(gaps.length);
  }
  const [discovery] = unread.filter(({ id }) => id.startsWith('service-discovery/'));
  expect(discovery?.gaps).toContainEqual({ resource: 'pods', namespace: 'shop', outcome: 'forbidden' });
});

test('a message names some of them and counts the rest', () => {
  const most = unread.reduce((a, b) => ((a.gaps ?? []).length > (b.gaps ?? []).length ? a : b));
  expect(most.gaps?.length).toBeGreaterThan(10);
  expect(most.message).toMatch(/: forbidden; and \d+ more$/);
  for (const { message } of unread) expect(message.length).toBeLessThan(400);
});

test('an address that leads where nobody looked is one of them', () => {
  const hidden = runChecks(
    {
      ...system,
      scope: ['shop'],
      reads: system.reads.flatMap((read) =>
        read.resource === 'services' || read.resource === 'namespaces'
          ? [
              { ...read, outcome: 'forbidden' as const, count: 0 },
              { ...read, namespace: 'shop' },
            ]
          : [read],
      ),
      objects: new Map(system.objects).set(
        'services',
        (system.objects.get('services') ?? []).filter(({ metadata }) => metadata.namespace === 'shop'),
      ),
    },
    { startedAt: '', today: '2026-01-01' },
  );
  const gaps = hidden.results.flatMap(({ findings }) => findings.flatMap((finding) => finding.gaps ?? []));
  expect(gaps).toContainEqual({
    resource: 'services',
    address: expect.stringContaining('.'),
    outcome: 'skipped',
  });
});
