import { expect, test } from 'vitest';
import { planMoves } from '../../../src/generate/plan/plan-move.ts';
import type { DiskFile } from '../../../src/generate/plan/project.ts';
import { recordOf } from '../support/records.ts';

const repository = { folder: 'services/orders' };
const [before, after] = [recordOf({ name: 'orders', repository }), recordOf({ name: 'billing', repository })];
const [from, to] = ['../../.github/workflows/orders.yml', '../../.github/workflows/billing.yml'];
const was = 'name: orders\non: push\njobs:\n  test: {}\n';
const moves = (mine: string, more: [string, string][] = []) =>
  planMoves({
    before,
    after,
    base: new Map([[from, was]]),
    disk: new Map(
      ([[from, mine], ...more] as [string, string][]).map(([path, content]): [string, DiskFile] => [
        path,
        { content, mode: 0o644 },
      ]),
    ),
    rendered: new Map([[to, { content: was.replace('orders', 'billing') }]]),
  });

test('a pipeline that somebody has edited goes along with a new name, with these edits', async () => {
  const mine = was.replace('test: {}', 'test: { needs: lint }');
  expect(await moves(mine)).toEqual([
    { kind: 'create', path: to, content: mine.replace('orders', 'billing'), mode: 0o644, merged: true },
    { kind: 'delete', path: from, before: mine },
  ]);
});

test('one whose edits meet what is new stays, and so does everything where the place is taken', async () => {
  expect(await moves(was.replace('name: orders', 'name: ours'))).toEqual([]);
  expect(await moves(was.replace('test: {}', 'test: { needs: lint }'), [[to, 'taken']])).toEqual([]);
});
