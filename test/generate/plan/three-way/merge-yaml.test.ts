import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { markConflict, mergeFile } from '../../../../src/generate/plan/three-way/merge-file.ts';
import { mergeYaml } from '../../../../src/generate/plan/three-way/merge-yaml.ts';
import { editedFields, fieldEdits, leavesOf, someFields } from './people.ts';

const text = (...lines: string[]): string => `${lines.join('\n')}\n`;

describe('by structure', () => {
  const base = text('kind: Kustomization', 'resources:', '  - a.yaml', 'labels:', '  x: y');

  test('two resources in one place meet, comments and indentation as the person has them', () => {
    const mine = text(
      '# ours',
      'kind: Kustomization',
      'resources:',
      '- a.yaml',
      '- mine.yaml # why',
      'labels:',
      '  x: y',
    );
    const theirs = text('kind: Kustomization', 'resources:', '  - a.yaml', '  - theirs.yaml', 'labels:', '  x: z');
    expect(mergeYaml(base, mine, theirs)).toEqual({
      clean: true,
      content: text(
        '# ours',
        'kind: Kustomization',
        'resources:',
        '- a.yaml',
        '- mine.yaml # why',
        '- theirs.yaml',
        'labels:',
        '  x: z',
      ),
    });
  });

  test('a comment stays beside a value that the templates change', () => {
    const mine = text(
      'kind: Kustomization',
      'resources:',
      '  - a.yaml',
      'labels:',
      '  x: y # agreed with the platform team',
    );
    const theirs = text('kind: Kustomization', 'resources:', '  - b.yaml', 'labels:', '  x: z');
    expect(mergeYaml(base, mine, theirs)).toEqual({
      clean: true,
      content: text(
        'kind: Kustomization',
        'resources:',
        '  - b.yaml',
        'labels:',
        '  x: z # agreed with the platform team',
      ),
    });
  });

  test('a comment whose value goes is a conflict, not a loss', () => {
    const mine = text('kind: Kustomization', 'resources:', '  - a.yaml # mine', 'labels:', '  x: y');
    const theirs = text('kind: Kustomization', 'resources:', '  - b.yaml', 'labels:', '  x: y');
    expect(mergeYaml(base, mine, theirs)).toEqual({ clean: false });
  });

  test('containers and variables are merged by name', () => {
    const env = (...entries: [string, string][]): string =>
      text(
        'containers:',
        '  - name: app',
        '    image: app',
        '    env:',
        ...entries.flatMap(([name, value]) => [`      - name: ${name}`, `        value: "${value}"`]),
      );
    expect(
      mergeYaml(
        env(['A', '1'], ['B', '1']),
        env(['A', '1'], ['B', '2'], ['MINE', '1']),
        env(['A', '2'], ['B', '1'], ['THEIRS', '1']),
      ),
    ).toEqual({ clean: true, content: env(['A', '2'], ['B', '2'], ['MINE', '1'], ['THEIRS', '1']) });
  });

  test('1.10 is not 1.1', () => {
    expect(mergeYaml('v: 1.1\n', 'v: 1.10\n', 'v: 1.2\n')).toEqual({ clean: false });
  });

  test.each([
    [
      'several documents',
      '---\na: 1\nx: 1\nb: 1\n---\nc: 1\n',
      '---\na: 2\nx: 1\nb: 1\n---\nc: 1\n',
      '---\na: 1\nx: 1\nb: 1\n---\nc: 2\n',
      '---\na: 2\nx: 1\nb: 1\n---\nc: 2\n',
    ],
    [
      'anchors',
      'a: &x 1\nm: 0\nb: *x\nn: 0\n',
      'a: &x 2\nm: 0\nb: *x\nn: 0\n',
      'a: &x 1\nm: 0\nb: *x\nn: 1\n',
      'a: &x 2\nm: 0\nb: *x\nn: 1\n',
    ],
    ['a broken file', 'a: 1\nm: 0\nb: 1\n', 'a: [1\nm: 0\nb: 1\n', 'a: 1\nm: 0\nb: 2\n', 'a: [1\nm: 0\nb: 2\n'],
  ])('%s: line by line', (_, ...texts) => {
    const [before, mine, theirs, content] = texts as [string, string, string, string];
    expect(mergeYaml(before, mine, theirs)).toEqual({ clean: true, content });
  });
});

/** Puts a comment of the person before some lines. Those inside of block texts would be text. */
const withComments = (source: string, places: readonly number[]): string => {
  const lines = source.split('\n');
  places.forEach((place, index) => {
    const at = place % lines.length;
    const indent = /^ */.exec(lines[at] ?? '')?.[0] ?? '';
    lines.splice(at, 0, `${indent}# mine_comment_${index}`);
  });
  return lines.join('\n');
};

const three = fc
  .tuple(someFields, fieldEdits, fieldEdits, fc.array(fc.nat(30), { maxLength: 3 }), fc.constantFrom(2, 4))
  .map(([base, m, t, comments, indent]) => {
    const [mine, theirs] = [editedFields(base, m, 'mine'), editedFields(base, t, 'theirs')];
    const texts = [stringify(base), withComments(stringify(mine, { indent }), comments), stringify(theirs)] as const;
    return { base, mine, theirs, texts };
  });

test('whatever a person does, what they wrote is in the result, comments too, or there is a conflict that shows it', async () => {
  let merged = 0;
  await fc.assert(
    fc.asyncProperty(three, async ({ base, mine, theirs, texts }) => {
      const outcome = await mergeFile('deploy/base/kustomization.yaml', ...texts);
      const content = outcome.clean ? outcome.content : markConflict(...texts);
      for (const comment of texts[1].match(/# mine_comment_\d+/g) ?? []) expect(content).toContain(comment);
      for (const value of texts[1].match(/mine_\d+/g) ?? []) expect(content).toContain(value);
      if (!outcome.clean) return;
      const [before, result] = [leavesOf(base), leavesOf(parse(content) ?? {})];
      for (const [path, value] of leavesOf(mine)) {
        if (typeof value === 'string' && value.startsWith('mine_')) expect(result.get(path)).toBe(value);
      }
      for (const [path, value] of leavesOf(theirs)) {
        const unchangedByMine = JSON.stringify(leavesOf(mine).get(path)) === JSON.stringify(before.get(path));
        if (typeof value === 'string' && value.startsWith('theirs_') && before.has(path) && unchangedByMine) {
          expect(result.get(path)).toBe(value);
        }
      }
      if (texts[0] !== texts[1] && texts[0] !== texts[2]) merged += 1;
    }),
    { numRuns: 800 },
  );
  expect(merged).toBeGreaterThan(100);
});
