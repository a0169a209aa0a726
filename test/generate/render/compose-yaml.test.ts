import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { composeYamlLines } from '../../../src/generate/formats/yaml-lines.ts';
import { composeParsedYaml } from '../../../src/generate/render/compose.ts';
import { someFields } from '../plan/three-way/people.ts';

const text = (...lines: string[]): string => `${lines.join('\n')}\n`;

describe('a contribution to a YAML file, line by line', () => {
  test('comes at the end of its list or map, in the indentation that is there; the rest stays as it stands', () => {
    const mine = text('# top', 'resources:', '- a.yaml # why', '', '# labels', 'labels:', '  x:   y');
    const added = text('resources:', '  - a.yaml', '  - b.yaml', 'labels:', '  # of ours', '  z: 1');
    expect(composeYamlLines(mine, added)).toBe(
      text(
        '# top',
        'resources:',
        '- a.yaml # why',
        '- b.yaml',
        '',
        '# labels',
        'labels:',
        '  x:   y',
        '  # of ours',
        '  z: 1',
      ),
    );
  });

  test('stands apart where its neighbours do, and block texts are only text', () => {
    const mine = text(
      'jobs:',
      '  test:',
      '    run: |',
      '      # no comment',
      '',
      '      jobs:',
      '',
      '  image:',
      '    a: 1',
    );
    expect(composeYamlLines(mine, text('jobs:', '  deploy:', '    needs: image'))).toBe(
      `${mine}${text('', '  deploy:', '    needs: image')}`,
    );
  });

  test('comes below its heading where there is one, in whatever order they come, and the headings stay', () => {
    const egress = (...items: string[]): string => text('egress:', ...items.map((item) => `  ${item}`));
    const mine = egress('- dns', '# --- Calls.', '# --- NATS.', '# --- Redis.');
    const added = [
      egress('# --- Redis.', '- redis'),
      egress('# --- Calls.', '- payments'),
      egress('# --- NATS.', '# Its port.', '- nats', '- nats-tls'),
      egress('# --- Calls.', '- stock'),
      egress('- other'),
    ];
    expect(added.reduce((all, one) => composeYamlLines(all, one) ?? '', mine)).toBe(
      egress(
        '- dns',
        '# --- Calls.',
        '- payments',
        '- stock',
        '# --- NATS.',
        '# Its port.',
        '- nats',
        '- nats-tls',
        '# --- Redis.',
        '- redis',
        '- other',
      ),
    );
  });

  test.each([
    ['values that differ', 'a: 1\n', 'a: 2\n'],
    ['a list in flow style', 'a: []\n', 'a:\n  - 1\n'],
    ['a list and a map', 'a:\n  - 1\n', 'a:\n  b: 1\n'],
    ['several documents', 'a: 1\n---\nb: 1\n', 'c: 1\n'],
    ['an anchor', 'a: &x 1\n', 'c: 1\n'],
    ['an alias', 'a: 1\n', 'c: [*x]\n'],
    ['tabs', 'a:\n\tb: 1\n', 'c: 1\n'],
    ['a key over two lines', '? a\n: 1\n', 'c: 1\n'],
  ])('is left to the parser for %s', (_, mine, added) => expect(composeYamlLines(mine, added)).toBeUndefined());

  test('means what the parser would make of it', async () => {
    let done = 0;
    const style = fc.record({ indent: fc.constantFrom(2, 4), indentSeq: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(someFields, someFields, style, style, async (a, b, styleA, styleB) => {
        const [mine, added] = [stringify(a, styleA), stringify(b, styleB)];
        const composed = composeYamlLines(mine, added);
        fc.pre(composed !== undefined);
        done += 1;
        expect(parse(composed)).toEqual(parse(await composeParsedYaml(mine, added)));
      }),
      { numRuns: 200, maxSkipsPerRun: 1000 },
    );
    expect(done).toBeGreaterThan(150);
  });
});
