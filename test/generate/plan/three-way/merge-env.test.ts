import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeEnv } from '../../../../src/generate/plan/three-way/merge-env.ts';
import { markConflict, mergeFile } from '../../../../src/generate/plan/three-way/merge-file.ts';
import { edited, lineEdits } from './people.ts';

const base = '# Where to listen\nPORT=3000\nLOG_LEVEL=info\n';

describe('variable by variable', () => {
  test('two blocks appended in one place are both there', () => {
    expect(mergeEnv(base, `${base}\n# mine\nMINE=1\n`, `${base}\n# Postgres\nDATABASE_URL=\n`)).toEqual({
      clean: true,
      content: '# Where to listen\nPORT=3000\nLOG_LEVEL=info\n\n# Postgres\nDATABASE_URL=\n\n# mine\nMINE=1\n',
    });
  });

  test('variables that are only shown count too', () => {
    const shown = '# Where to listen\n# PORT=3000\n';
    expect(
      mergeEnv(shown, '# Where to listen\nPORT=4000\n\nMINE=1\n', `${shown}\n# Postgres\n# DATABASE_URL=\n`),
    ).toEqual({
      clean: true,
      content: '# Where to listen\nPORT=4000\n\nMINE=1\n\n# Postgres\n# DATABASE_URL=\n',
    });
  });

  test('a variable that both changed is a conflict', () => {
    expect(mergeEnv(base, base.replace('3000', '3001'), base.replace('3000', '3002'))).toEqual({ clean: false });
  });

  test('a variable that the person removed stays removed', () => {
    expect(
      mergeEnv(base, '# Where to listen\nPORT=3000\n', base.replace('info', 'warn').replace('3000', '3001')),
    ).toEqual({
      clean: true,
      content: '# Where to listen\nPORT=3001\n',
    });
  });
});

test('whatever a person does, no line of theirs is lost', async () => {
  const names = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'), { minLength: 3 });
  const lines = names.map((all) => all.flatMap((name) => [`# What ${name} does`, `${name}=1`, '']));
  const assignments = (source: string[]): string =>
    source.map((line) => line.replace(/^(\w+)_(\d+)$/, '$1_$2=1')).join('\n');
  await fc.assert(
    fc.asyncProperty(lines, lineEdits, lineEdits, async (source, m, t) => {
      const texts = [
        source.join('\n'),
        assignments(edited(source, m, 'mine')),
        assignments(edited(source, t, 'theirs')),
      ] as const;
      const outcome = await mergeFile('.env.example', ...texts);
      const content = outcome.clean ? outcome.content : markConflict(...texts);
      for (const line of texts[1].match(/^mine_\d+=1$/gm) ?? []) expect(content.split('\n')).toContain(line);
      if (outcome.clean)
        for (const line of texts[2].match(/^theirs_\d+=1$/gm) ?? []) expect(content.split('\n')).toContain(line);
    }),
    { numRuns: 2000 },
  );
});
