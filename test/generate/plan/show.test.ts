import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createProject } from '../../../src/generate/files/create-project.ts';
import { diffPlan } from '../../../src/generate/plan/diff.ts';
import type { FileChange, Plan } from '../../../src/generate/plan/plan.ts';
import { planJson } from '../../../src/generate/plan/plan-json.ts';
import { previewTable, previewTree, summarise } from '../../../src/generate/plan/preview.ts';
import { recordOf } from '../support/records.ts';
import { newPlan, updatePlan } from '../support/scenario.ts';
import { scratchFolder } from '../support/scratch.ts';

const changes: FileChange[] = [
  { kind: 'create', path: 'src/new.ts', content: 'a\n' },
  { kind: 'update', path: 'package.json', before: '{}\n', content: '{ }\n', merged: true },
  { kind: 'update', path: 'src/app.ts', before: 'a\n', content: 'b\n' },
  { kind: 'delete', path: 'src/old.ts', before: 'old\n' },
  { kind: 'conflict', path: 'src/plugins/x.ts', base: 'a\n', mine: 'm\n', theirs: 't\n' },
  { kind: 'keep', path: 'test/\x1b[2Jgone.ts', reason: 'deleted by you' },
  { kind: 'keep', path: 'same.ts', reason: 'unchanged', quiet: true },
];
const plan: Plan = { record: recordOf(), changes, bookkeeping: [], rendered: new Map() };

describe('a plan shown', () => {
  test('as a tree', () => {
    expect(previewTree(plan, 'order-service')).toBe(
      [
        '  order-service/',
        '    src/',
        '      plugins/',
        '!       x.ts  conflict',
        '+     new.ts',
        '~     app.ts  clean',
        '-     old.ts  deleted',
        '    test/',
        '=     \\x1b[2Jgone.ts  deleted by you',
        '~   package.json  merged',
        '=   same.ts  unchanged',
        '',
      ].join('\n'),
    );
  });

  test('as a table without what nobody needs to know', () => {
    expect(previewTable(plan)).toBe(
      [
        '+ src/new.ts           new',
        '~ package.json         merged',
        '~ src/app.ts           clean',
        '- src/old.ts           deleted',
        '! src/plugins/x.ts     conflict',
        '= test/\\x1b[2Jgone.ts  deleted by you',
        '',
      ].join('\n'),
    );
  });

  test('in a line', () => {
    expect(summarise(plan)).toBe('1 new, 1 merged, 1 clean, 1 deleted, 1 conflict');
    expect(summarise({ ...plan, changes: [] })).toBe('nothing to do');
  });

  test('as JSON', () => {
    const document = JSON.parse(planJson(plan, { next: ['npm test'], applied: false, directory: '/x' }));
    expect(document).toMatchObject({
      schema: 'msvc.plan/1',
      service: 'order-service',
      applied: false,
      empty: false,
      conflicts: ['src/plugins/x.ts'],
      next: ['npm test'],
    });
    expect(document.files).toHaveLength(6);
    expect(document.files[1]).toEqual({ path: 'package.json', change: 'update', detail: 'merged' });
  });

  test('as a diff that git applies', async () => {
    const root = join(await scratchFolder(), 'order-service');
    await createProject(await newPlan(), root);
    const { plan: update } = await updatePlan(root);
    const patch = join(await scratchFolder(), 'update.patch');
    await writeFile(patch, await diffPlan(update));
    const { stdout } = await promisify(execFile)('git', ['apply', '--stat', '--apply', patch], { cwd: root });
    expect(stdout).toContain('6 files changed');
  });
});
