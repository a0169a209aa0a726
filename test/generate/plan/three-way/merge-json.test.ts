import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markConflict, mergeFile } from '../../../../src/generate/plan/three-way/merge-file.ts';
import { mergeJson } from '../../../../src/generate/plan/three-way/merge-json.ts';
import { editedFields, type Fields, fieldEdits, leavesOf, someFields } from './people.ts';

const json = (value: unknown, indent: string | number = 2): string => `${JSON.stringify(value, null, indent)}\n`;

describe('by structure', () => {
  const base = json({ name: 'a', dependencies: { fastify: '5.0.0', pino: '10.0.0' }, files: ['dist'] });

  test('two dependencies in one place meet, sorted', () => {
    const mine = json({
      name: 'a',
      dependencies: { fastify: '5.0.0', mine: '1.0.0', pino: '10.0.0' },
      files: ['dist'],
    });
    const theirs = json({
      name: 'a',
      dependencies: { fastify: '5.0.0', pg: '8.0.0', pino: '10.0.0' },
      files: ['dist'],
    });
    expect(mergeJson(base, mine, theirs)).toEqual({
      clean: true,
      content: json({
        name: 'a',
        dependencies: { fastify: '5.0.0', mine: '1.0.0', pg: '8.0.0', pino: '10.0.0' },
        files: ['dist'],
      }),
    });
  });

  test("indentation, order and lists on one line stay the person's", () => {
    const mine =
      '{\n\t"files": ["dist", "mine"],\n\t"name": "a",\n\t"dependencies": { "fastify": "5.0.0", "pino": "10.0.0" }\n}';
    const theirs = json({ name: 'b', dependencies: { fastify: '5.0.0', pino: '10.0.0' }, files: ['dist', 'theirs'] });
    expect(mergeJson(base, mine, theirs)).toEqual({
      clean: true,
      content:
        '{\n\t"files": ["dist", "mine", "theirs"],\n\t"name": "b",\n\t"dependencies": { "fastify": "5.0.0", "pino": "10.0.0" }\n}',
    });
  });

  test.each([
    ['a value that both changed', { name: 'mine' }, { name: 'theirs' }],
    ['a list element that both replaced', { files: ['mine'] }, { files: ['theirs'] }],
  ])('%s is a conflict', (_, mine, theirs) => {
    const document = JSON.parse(base);
    expect(mergeJson(base, json({ ...document, ...mine }), json({ ...document, ...theirs }))).toEqual({ clean: false });
  });

  test('arguments that both appended are a conflict: their order is their meaning', () => {
    const args = (...values: string[]): string => json({ args: ['--port', '3000', ...values] });
    expect(mergeJson(args(), args('--mine'), args('--theirs'))).toEqual({ clean: false });
  });

  test('a dependency that the person removed stays removed when its version moves on', () => {
    const mine = json({ name: 'a', dependencies: { fastify: '5.0.0' }, files: ['dist'] });
    const theirs = json({ name: 'a', dependencies: { fastify: '5.0.1', pino: '10.0.1' }, files: ['dist'] });
    expect(mergeJson(base, mine, theirs)).toEqual({
      clean: true,
      content: json({ name: 'a', dependencies: { fastify: '5.0.1' }, files: ['dist'] }),
    });
  });

  test('what the person changed and the templates dropped stays', () => {
    const mine = json({ name: 'a', dependencies: { fastify: '5.0.0', pino: '9.9.9' }, files: ['dist'] });
    const theirs = json({ name: 'b', dependencies: { fastify: '5.0.0' }, files: ['dist'] });
    expect(mergeJson(base, mine, theirs)).toEqual({
      clean: true,
      content: json({ name: 'b', dependencies: { fastify: '5.0.0', pino: '9.9.9' }, files: ['dist'] }),
    });
  });

  test('JSON with comments is merged line by line', () => {
    const tsconfig = '{\n  // mine\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n';
    expect(
      mergeJson('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n', tsconfig, '{\n  "a": 1,\n  "b": 2,\n  "c": 4\n}\n'),
    ).toEqual({
      clean: true,
      content: '{\n  // mine\n  "a": 1,\n  "b": 2,\n  "c": 4\n}\n',
    });
  });

  test('a key that means something to JavaScript is a key like any other', () => {
    const mine = '{\n  "a": 1,\n  "__proto__": { "polluted": true }\n}\n';
    const theirs = '{\n  "a": 2,\n  "constructor": { "prototype": { "polluted": true } }\n}\n';
    const outcome = mergeJson('{\n  "a": 1\n}\n', mine, theirs);
    expect(outcome.clean && outcome.content).toContain('"__proto__": { "polluted": true }');
    expect(outcome.clean && outcome.content).toContain('"constructor"');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a dependency that both raised', () => {
  const of = (version: string, group = 'dependencies'): string => json({ [group]: { fastify: version } });
  const merge = (base: string, mine: string, theirs: string) => mergeFile('package.json', base, mine, theirs);

  test.each([
    ['5.0.0', '5.1.0', '5.0.9', '5.1.0'],
    ['5.0.0', '5.0.9', '5.1.0', '5.1.0'],
    ['^5.0.0', '^5.10.0', '^5.9.0', '^5.10.0'],
  ])('%s → %s and %s: %s', async (base, mine, theirs, higher) => {
    expect(await merge(of(base), of(mine), of(theirs))).toEqual({ clean: true, content: of(higher) });
  });

  test.each([
    ['5.0.0', '^5.0.0', '5.1.0'],
    ['5.0.0', 'github:me/fastify', '5.1.0'],
  ])('%s → %s and %s is for the person to decide', async (base, mine, theirs) => {
    expect(await merge(of(base), of(mine), of(theirs))).toEqual({ clean: false });
  });

  test('only dependencies are versions', async () => {
    expect(await merge(of('5.0.0', 'config'), of('5.0.1', 'config'), of('5.0.2', 'config'))).toEqual({ clean: false });
  });
});

const three = fc.tuple(someFields, fieldEdits, fieldEdits, fc.constantFrom(2, 4, '\t')).map(([base, m, t, indent]) => {
  const [mine, theirs] = [editedFields(base, m, 'mine'), editedFields(base, t, 'theirs')];
  return { base, mine, theirs, texts: [json(base), json(mine, indent), json(theirs)] as const };
});

const hasPath = (fields: Fields, path: string): boolean => {
  let value: unknown = fields;
  for (const step of JSON.parse(path) as string[]) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return true;
};

describe('whatever anybody does to a document', () => {
  test('each value that a person changed is as they left it, or there is a conflict that shows it', async () => {
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(three, async ({ base, mine, theirs, texts }) => {
        const outcome = await mergeFile('settings.json', ...texts);
        if (!outcome.clean) {
          for (const value of texts[1].match(/mine_\d+/g) ?? []) expect(markConflict(...texts)).toContain(value);
          return;
        }
        const result = leavesOf(JSON.parse(outcome.content));
        const [before, after] = [leavesOf(base), leavesOf(theirs)];
        for (const [path, value] of leavesOf(mine)) {
          if (JSON.stringify(before.get(path)) === JSON.stringify(value) && before.has(path)) continue;
          const found = result.get(path);
          if (Array.isArray(value)) {
            const added = value.filter((element) => String(element).startsWith('mine_'));
            expect(found).toEqual(expect.arrayContaining(added));
          } else if (JSON.stringify(value) === '{}') expect(hasPath(JSON.parse(outcome.content), path)).toBe(true);
          else expect(found).toEqual(value);
        }
        for (const path of before.keys()) {
          if (!hasPath(mine, path) && after.has(path)) expect(result.has(path)).toBe(false);
        }
        if (JSON.stringify(mine) !== JSON.stringify(base) && JSON.stringify(theirs) !== JSON.stringify(base))
          merged += 1;
      }),
      { numRuns: 3000 },
    );
    expect(merged).toBeGreaterThan(100);
  });

  test('each value that only the templates changed is as they want it in a clean result', async () => {
    await fc.assert(
      fc.asyncProperty(three, async ({ base, mine, theirs, texts }) => {
        const outcome = await mergeFile('settings.json', ...texts);
        fc.pre(outcome.clean);
        const [before, own, result] = [leavesOf(base), leavesOf(mine), leavesOf(JSON.parse(outcome.content))];
        for (const [path, value] of leavesOf(theirs)) {
          const isTheirChange = before.has(path) && typeof value === 'string' && value.startsWith('theirs_');
          if (isTheirChange && JSON.stringify(own.get(path)) === JSON.stringify(before.get(path))) {
            expect(result.get(path)).toBe(value);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
