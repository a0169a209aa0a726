import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markConflict, mergeFile } from '../../../../src/generate/plan/three-way/merge-file.ts';
import { mergeText, withMarkers } from '../../../../src/generate/plan/three-way/merge-text.ts';
import { edited, lineEdits, someLines } from './people.ts';

const text = (...lines: string[]): string => `${lines.join('\n')}\n`;

describe('line by line', () => {
  const base = text('a', 'b', 'c', 'd', 'e');

  test('changes in different places meet', () => {
    expect(mergeText(base, text('A', 'b', 'c', 'd', 'e'), text('a', 'b', 'c', 'd', 'E', 'f'))).toEqual({
      clean: true,
      content: text('A', 'b', 'c', 'd', 'E', 'f'),
    });
  });

  test('the same change twice is one', () => {
    const both = text('a', 'b', 'X', 'd', 'e');
    expect(mergeText(base, both, both)).toEqual({ clean: true, content: both });
  });

  test('different changes in one place are a conflict, marked with both', () => {
    const [mine, theirs] = [text('a', 'b', 'mine', 'd', 'e'), text('a', 'b', 'theirs', 'd', 'e')];
    expect(mergeText(base, mine, theirs)).toEqual({ clean: false });
    expect(withMarkers(base, mine, theirs)).toBe(
      text('a', 'b', '<<<<<<< yours', 'mine', '=======', 'theirs', '>>>>>>> templates', 'd', 'e'),
    );
  });
});

test('markers are whole lines, also at the end and where nothing is left of a file', () => {
  const end = '>>>>>>> templates\n';
  expect(withMarkers('a\nb\n', 'a\nmine\n', 'a\n')).toBe(`a\n<<<<<<< yours\nmine\n=======\n${end}`);
  expect(withMarkers('', 'mine', 'theirs\n')).toBe(`<<<<<<< yours\nmine\n=======\ntheirs\n${end}`);
});

const three = fc.tuple(someLines, lineEdits, lineEdits).map(([lines, mine, theirs]) => ({
  base: lines.join('\n'),
  mine: edited(lines, mine, 'mine').join('\n'),
  theirs: edited(lines, theirs, 'theirs').join('\n'),
}));

const written = (source: string): string[] => source.match(/mine_\d+/g) ?? [];

describe('whatever anybody does to the lines of a file', () => {
  test('no line that a person wrote is lost: it is in the result, or there is a conflict that shows it', async () => {
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(three, async ({ base, mine, theirs }) => {
        const outcome = await mergeFile('src/app.ts', base, mine, theirs);
        const content = outcome.clean ? outcome.content : markConflict(base, mine, theirs);
        expect(content.split('\n')).toEqual(expect.arrayContaining(written(mine)));
        if (outcome.clean && mine !== base && theirs !== base) merged += 1;
      }),
      { numRuns: 3000 },
    );
    // Otherwise the property would say nothing about merging.
    expect(merged).toBeGreaterThan(100);
  });

  test('every line of the templates is in a clean result, too', async () => {
    await fc.assert(
      fc.asyncProperty(three, async ({ base, mine, theirs }) => {
        const outcome = await mergeFile('src/app.ts', base, mine, theirs);
        fc.pre(outcome.clean);
        for (const line of theirs.match(/theirs_\d+/g) ?? []) expect(outcome.content.split('\n')).toContain(line);
      }),
      { numRuns: 1000 },
    );
  });

  test('one side alone is taken as it is', async () => {
    await fc.assert(
      fc.asyncProperty(three, async ({ base, mine }) => {
        expect(await mergeFile('src/app.ts', base, mine, base)).toEqual({ clean: true, content: mine });
        expect(await mergeFile('src/app.ts', base, base, mine)).toEqual({ clean: true, content: mine });
      }),
    );
  });

  test('a file with CRLF is merged as its twin with LF, and stays CRLF', async () => {
    const crlf = (source: string): string => source.replaceAll('\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(three, async ({ base, mine, theirs }) => {
        fc.pre(mine.includes('\n'));
        const [plain, windows] = [
          await mergeFile('a.ts', base, mine, theirs),
          await mergeFile('a.ts', base, crlf(mine), theirs),
        ];
        expect(windows).toEqual(plain.clean ? { clean: true, content: crlf(plain.content) } : plain);
        expect(await mergeFile('a.ts', crlf(base), crlf(mine), theirs)).toEqual(windows);
      }),
      { numRuns: 1000 },
    );
  });
});
