import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { conflictsOf, isEmptyPlan } from '../../../src/generate/plan/plan.ts';
import { planChange } from '../../../src/generate/plan/plan-change.ts';
import { planNew } from '../../../src/generate/plan/plan-new.ts';
import type { Project } from '../../../src/generate/plan/project.ts';
import type { TemplateSet } from '../../../src/generate/render/template-set.ts';
import { type Files, projectOf as projectOfFiles, written } from '../support/in-memory.ts';
import { recordOf } from '../support/records.ts';
import { templateSet } from '../support/sources.ts';
import { edited, editedFields, fieldEdits, lineEdits, someFields, someLines } from './three-way/people.ts';

const record = recordOf();
const projectOf = (files: Files): Project => projectOfFiles(files, record);

const created = async (templates: TemplateSet): Promise<Files> => written(new Map(), await planNew(record, templates));
const changes = async (files: Files, templates: TemplateSet) =>
  (await planChange(projectOf(files), record, templates)).changes;

const one = templateSet({ 'a.ts': 'a\n', 'b.ts': 'b\n', 'c.ts': 'c\n' });
const two = templateSet({ 'a.ts': 'A\n', 'b.ts': 'b\n', 'd.ts': 'd\n' }, {}, '1.1.0');

describe('what becomes of a file', () => {
  test('that nobody touched: the new one', async () => {
    expect(await changes(await created(one), two)).toEqual([
      { kind: 'update', path: 'a.ts', before: 'a\n', content: 'A\n', mode: 0o644 },
      { kind: 'keep', path: 'b.ts', reason: 'unchanged', quiet: true },
      { kind: 'delete', path: 'c.ts', before: 'c\n' },
      { kind: 'create', path: 'd.ts', content: 'd\n' },
    ]);
  });

  test('that the person deleted: it stays deleted, also the time after', async () => {
    const files = await created(one);
    files.delete('a.ts');
    expect(await changes(files, two)).toContainEqual({ kind: 'keep', path: 'a.ts', reason: 'deleted by you' });
    const later = written(files, await planChange(projectOf(files), record, two));
    expect(later.has('a.ts')).toBe(false);
    expect(await changes(later, templateSet({ 'a.ts': 'AA\n' }))).toContainEqual({
      kind: 'keep',
      path: 'a.ts',
      reason: 'deleted by you',
    });
  });

  test('that the person edited and the templates dropped: it stays', async () => {
    const files = await created(one);
    files.set('c.ts', 'mine\n');
    expect(await changes(files, two)).toContainEqual(expect.objectContaining({ kind: 'keep', path: 'c.ts' }));
    expect(written(files, await planChange(projectOf(files), record, two)).get('c.ts')).toBe('mine\n');
  });

  test('that the person made where we want one: a conflict, unless it is the same', async () => {
    const files = await created(one);
    files.set('d.ts', 'mine\n');
    const plan = await planChange(projectOf(files), record, two);
    expect(conflictsOf(plan)).toEqual([{ kind: 'conflict', path: 'd.ts', base: '', mine: 'mine\n', theirs: 'd\n' }]);
    files.set('d.ts', 'd\n');
    expect(conflictsOf(await planChange(projectOf(files), record, two))).toEqual([]);
  });

  test('that a checkout turned to CRLF: untouched, and CRLF again', async () => {
    const files = new Map([...(await created(one))].map(([path, content]) => [path, content.replaceAll('\n', '\r\n')]));
    expect(isEmptyPlan(await planChange(projectOf(files), record, one))).toBe(true);
    expect(await changes(files, two)).toContainEqual(
      expect.objectContaining({ kind: 'update', path: 'a.ts', content: 'A\r\n' }),
    );
  });

  test('that is no text any more: kept as it is', async () => {
    const project = projectOf(await created(one));
    const read = async () => new Map([['a.ts', { content: 'a\xff', mode: 0o644, binary: true as const }]]);
    const plan = await planChange({ ...project, read }, record, two);
    expect(plan.changes).toContainEqual(expect.objectContaining({ kind: 'keep', path: 'a.ts' }));
  });
});

test("conflicts that are written have markers, and are the person's to solve: the next plan leaves them alone", async () => {
  const files = await created(one);
  files.set('a.ts', 'mine\n');
  const plan = await planChange(projectOf(files), record, two);
  const later = written(files, plan);
  expect(later.get('a.ts')).toBe('<<<<<<< yours\nmine\n=======\nA\n>>>>>>> templates\n');
  expect(isEmptyPlan(await planChange(projectOf(later), record, two))).toBe(true);
});

const documents = fc.tuple(someFields, fieldEdits, fieldEdits);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A set of templates, a later one, and what a person did in between. */
const histories = fc.record({
  lines: fc.tuple(someLines, lineEdits, lineEdits),
  package: documents,
  manifest: documents,
  deleted: fc.subarray(['src/app.ts', 'package.json', 'deploy/app.yaml', '.env.example']),
  crlf: fc.boolean(),
  own: fc.option(fc.constantFrom('new.ts', 'mine.ts')),
});

test('whatever happened: a plan twice is empty, applied once it is empty, and what nobody touched is as rendered', async () => {
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(histories, async ({ lines, package: manifest, manifest: yaml, deleted, crlf, own }) => {
      const [source, mine, theirs] = lines;
      const [p, pMine, pTheirs] = manifest;
      const [y, yMine, yTheirs] = yaml;
      const old = templateSet({
        'src/app.ts': source.join('\n'),
        'package.json': json(p),
        'deploy/app.yaml': stringify(y),
        '.env.example': 'A=1\n',
        'same.ts': 'same\n',
      });
      const next = templateSet({
        'src/app.ts': edited(source, theirs, 'theirs').join('\n'),
        'package.json': json(editedFields(p, pTheirs, 'theirs')),
        'deploy/app.yaml': stringify(editedFields(y, yTheirs, 'theirs')),
        '.env.example': 'A=1\nB=2\n',
        'new.ts': 'new\n',
      });
      const files = await created(old);
      expect(isEmptyPlan(await planChange(projectOf(files), record, old))).toBe(true);
      files.set('src/app.ts', edited(source, mine, 'mine').join(crlf ? '\r\n' : '\n'));
      files.set('package.json', json(editedFields(p, pMine, 'mine')));
      files.set('deploy/app.yaml', stringify(editedFields(y, yMine, 'mine')));
      for (const path of deleted) files.delete(path);
      if (own !== null) files.set(own, 'mine\n');

      expect(isEmptyPlan(await planChange(projectOf(files), record, old))).toBe(true);
      const plan = await planChange(projectOf(files), record, next);
      expect(await planChange(projectOf(files), record, next)).toEqual(plan);
      const later = written(files, plan);
      for (const path of deleted) expect(later.has(path)).toBe(false);
      expect(later.has('same.ts')).toBe(false);
      if (own !== null) expect(later.get(own)).toContain('mine\n');
      const again = await planChange(projectOf(later), record, next);
      expect(isEmptyPlan(again)).toBe(true);
      expect(conflictsOf(again)).toEqual([]);
      if (conflictsOf(plan).length === 0) {
        applied += 1;
        if (later.has('package.json')) JSON.parse(later.get('package.json') ?? '');
        if (later.has('deploy/app.yaml')) parse(later.get('deploy/app.yaml') ?? '');
      }
    }),
    { numRuns: 400 },
  );
  expect(applied).toBeGreaterThan(20);
});
