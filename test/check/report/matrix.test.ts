import { describe, expect, test } from 'vitest';
import { checks } from '../../../src/check/checks/index.ts';
import type { CheckResult, CheckRun } from '../../../src/check/contract.ts';
import { renderMarkdown } from '../../../src/check/report/markdown.ts';
import { type Column, type Matrix, matrixOf } from '../../../src/check/report/matrix.ts';
import { renderTerminal } from '../../../src/check/report/terminal.ts';
import { width } from '../../../src/wrap.ts';

/** The checks that there are, and more of the same kind until there are `items` of them. */
const columnsFor = (items: number, practices: number): Column[] => {
  const own = checks.filter(({ kind }) => !kind).slice(0, items);
  return [
    ...own,
    ...Array.from({ length: items - own.length }, (_, index) => made(`item-${index}`)),
    ...Array.from({ length: practices }, (_, index) => ({ ...made(`practice-${index}`), kind: 'practice' as const })),
  ];
};
const made = (id: string): Column => ({ id, heading: { long: `longer-${id}`, short: `i${id.at(-1)}xxxx` } });

const runOf = (columns: readonly Column[], services: readonly string[]): CheckRun =>
  ({
    source: { kind: 'cluster', context: 'test', version: 'v1' },
    results: services.flatMap((name) =>
      columns.map(
        ({ id }): CheckResult => ({
          check: id,
          status: 'pass',
          level: 'wired',
          subject: { kind: 'Service', namespace: 'shop', name },
          reason: '',
          message: '',
          evidence: [],
          findings: [],
        }),
      ),
    ),
    graph: { communication: { sync: 0, async: 0, longestChain: [] } },
    tool: '0.0.0',
    startedAt: '',
    notJudged: [],
    idleWaivers: [],
    reads: [],
    summary: { score: null, coverage: null, items: columns.map(({ id }) => ({ check: id })) },
  }) as unknown as CheckRun;

const lineWidth = ({ nameWidth, blocks }: Matrix): number =>
  Math.max(...blocks.map(({ heads, gap }) => nameWidth + 2 + width(heads.join(gap))));

describe.each([
  [9, 0],
  [10, 0],
  [9, 6],
  [10, 6],
  [13, 3],
  [16, 0],
])('%i items and %i practices', (items, practices) => {
  const columns = columnsFor(items, practices);
  const names = ['orders', 'a-service-whose-name-is-longer-than-a-column-can-be'];

  test.each([60, 80, 120, 200])('fit %i columns, each once and in its order', (room) => {
    const matrix = matrixOf(runOf(columns, names), room, columns);
    expect(lineWidth(matrix)).toBeLessThanOrEqual(room);
    expect(matrix.blocks.flatMap(({ heads }) => heads)).toHaveLength(items + practices);
    for (const { heads, rows } of matrix.blocks)
      for (const { cells } of rows) expect(cells).toEqual(heads.map(() => 'pass'));
  });

  test('practices never stand in a block with items', () => {
    const { blocks } = matrixOf(runOf(columns, names), 200, columns);
    expect(blocks).toHaveLength(practices > 0 ? 2 : 1);
    expect(blocks[0]?.heads).toHaveLength(items);
  });
});

test('all blocks of one matrix have headings of one size', () => {
  const columns = columnsFor(10, 6);
  for (const room of [80, 120, 200]) {
    const heads = matrixOf(runOf(columns, ['orders']), room, columns).blocks.flatMap((block) => block.heads);
    const sizes = (['long', 'short'] as const).filter((size) =>
      heads.every((head, index) => head === columns[index]?.heading[size]),
    );
    expect(sizes.length, `${room}: ${heads.join(' ')}`).toBeGreaterThan(0);
  }
});

test('a report shows checks of a newer version by their id', () => {
  const run = runOf(columnsFor(checks.length + 1, 0), ['orders']);
  expect(renderTerminal(run, { columns: 120, color: false })).toContain('item-0');
  expect(renderMarkdown(run)).toContain('| item-0 |');
});

test('headings of the checks are one word each, and short ones tell them apart', () => {
  for (const { heading } of checks) {
    expect(heading.long).toMatch(/^\S+$/);
    expect(heading.short.length).toBeLessThanOrEqual(Math.min(6, heading.long.length));
  }
  expect(new Set(checks.map(({ heading }) => heading.short)).size).toBe(checks.length);
});
