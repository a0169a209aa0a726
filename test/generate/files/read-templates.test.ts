import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTemplates } from '../../../src/generate/files/read-templates.ts';
import { scratchFolder } from '../support/scratch.ts';

const manifest = { id: 'pg', title: 'Postgres', summary: 'A database' };

async function folderOf(files: Record<string, string | object>): Promise<string> {
  const dir = await scratchFolder();
  const all = { 'base/README.md': 'x\n', 'features/pg/feature.json': manifest, ...files };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

const read = async (files: Record<string, string | object>) => readTemplates(await folderOf(files), '1.0.0');

test('dotfiles, suffixes, rights and folders become what they mean', async () => {
  const dir = await folderOf({
    'base/_gitignore': 'dist/\n',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub
    'base/_github/workflows/ci.yml': 'a: ${{ b }}\n',
    'base/src/a.ts.hbs': '{{service.name}}',
    'base/run.sh': '#!/bin/sh\n',
    'features/pg/with/other/once/b.ts': 'b',
    'features/pg/README.md.hbs': '### {{service.title}}',
    'features/other/feature.json': { ...manifest, id: 'other' },
    'presets.json': [{ id: 'rest', title: 'REST', features: ['pg'] }],
  });
  await chmod(join(dir, 'base/run.sh'), 0o755);
  const set = await readTemplates(dir, '1.0.0');
  expect(set.base.map(({ path }) => path)).toEqual([
    'README.md',
    '.github/workflows/ci.yml',
    '.gitignore',
    'run.sh',
    'src/a.ts',
  ]);
  expect(set.base.find(({ path }) => path === 'run.sh')?.mode).toBe(0o755);
  const pg = set.features.find((feature) => feature.manifest.id === 'pg');
  expect(pg?.with.other?.once.map(({ path }) => path)).toEqual(['b.ts']);
  expect(pg?.manifest).toEqual({ ...manifest, selectable: true, requires: [], conflicts: [], questions: [] });
  expect(set.presets).toEqual([{ id: 'rest', title: 'REST', features: ['pg'] }]);
});

describe('a mistake names its file and field', () => {
  const file = 'features/pg/feature.json';
  const question = { name: 'a', message: 'A?', kind: 'text' };
  test.each<[string, Record<string, string | object>]>([
    [`templates/${file}: title must be a text`, { [file]: { ...manifest, title: 3 } }],
    [`templates/${file}: colour must be left out`, { [file]: { ...manifest, colour: 'red' } }],
    [`templates/${file}: id must be pg`, { [file]: { ...manifest, id: 'my' } }],
    [`templates/${file}: requires names redis`, { [file]: { ...manifest, requires: ['redis'] } }],
    [`templates/${file}: conflicts must be a list`, { [file]: { ...manifest, conflicts: 'redis' } }],
    [
      `templates/${file}: questions[0].kind must be`,
      { [file]: { ...manifest, questions: [{ ...question, kind: 'x' }] } },
    ],
    [
      `templates/${file}: questions[0].pattern`,
      { [file]: { ...manifest, questions: [{ ...question, pattern: '(' }] } },
    ],
    [
      `templates/${file}: questions[0].default`,
      { [file]: { ...manifest, questions: [{ ...question, default: true }] } },
    ],
    [`templates/${file}: instances.noun`, { [file]: { ...manifest, instances: { kind: 'pgs' } } }],
    [`templates/${file}: Unexpected`, { [file]: '}' }],
    ['templates/features/pg/onec: here belong only', { 'features/pg/onec/a.ts': '' }],
    ['templates/base/.gitignore: dotfiles', { 'base/.gitignore': '' }],
    ['templates/features/pg/once/README.md: templates/base/README.md makes', { 'features/pg/once/README.md': '' }],
    ['templates/features/pg/merge/app.ts: only JSON', { 'features/pg/merge/app.ts': '' }],
    ['templates/features/pg/each/__name__.ts: pg has no instances', { 'features/pg/each/__name__.ts': '' }],
    ['templates/base/_msvc/x: this path', { 'base/_msvc/x': '' }],
    ['templates/base/a.ts.hbs: line 1: nothing is called x', { 'base/a.ts.hbs': '{{x}}' }],
    [
      'templates/presets.json: rest: There is no feature',
      { 'presets.json': [{ id: 'rest', title: 'R', features: ['x'] }] },
    ],
  ])('%s', async (complaint, files) => {
    await expect(read(files)).rejects.toThrow(complaint);
  });

  test('a link is no template', async () => {
    const dir = await folderOf({});
    await symlink('/etc/hostname', join(dir, 'base/hostname'));
    await expect(readTemplates(dir, '1.0.0')).rejects.toThrow('templates/base/hostname: must be a plain file');
  });

  test('neither is a file that is no text', async () => {
    const dir = await folderOf({});
    await writeFile(join(dir, 'base/logo.png'), Buffer.from([0x89, 0x50, 0xff, 0xfe]));
    await expect(readTemplates(dir, '1.0.0')).rejects.toThrow('templates/base/logo.png: is no UTF-8 text');
  });

  test('a folder without a manifest is a feature half made', async () => {
    await expect(read({ 'features/my/once/a.ts': '' })).rejects.toThrow('templates/features/my/feature.json: ENOENT');
  });
});
