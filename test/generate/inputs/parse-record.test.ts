import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { parseRecord } from '../../../src/generate/inputs/parse-record.ts';
import { formatRecord } from '../../../src/generate/record.ts';
import { harmlessLine } from '../../../src/harmless.ts';
import { recordOf } from '../support/records.ts';
import { userError } from '../support/user-error.ts';

const file = '.msvc/service.json';
const parse = (text: string, generator = '1.0.0') => parseRecord(text, file, generator);
const good = recordOf({
  features: { auth: { issuer: 'https://id.example', scopes: ['a', 'b'], strict: true } },
  instances: { sagas: [{ name: 'place-order', steps: ['charge'] }] },
});
const text = formatRecord(good);

test('what is written is read', () => expect(parse(text)).toEqual(good));

const changed = (from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

test.each([
  ['a comma too much', changed('"npm",', '"npm",,'), 8],
  ['the end is missing', text.slice(0, -4), text.split('\n').length - 2],
  ['not an object', '[]', 1],
  ['nothing', '', 1],
  ['a name that leads out', changed('"order-service"', '"../../etc"'), 4],
  ['a field misspelt', changed('"owner"', '"ownr"'), 7],
  ['a field too much', changed('"owner":', '"colour": "red",\n  "owner":'), 7],
  ['a package manager of others', changed('"npm"', '"yarn"'), 8],
  ['a description that breaks out of quotes', changed('Takes orders', 'Takes \\"orders'), 5],
  ['an instance that leads out', changed('"place-order"', '"../place"'), 12],
  ['a feature that leads out', changed('"auth"', '"../auth"'), 9],
  ['a key that means something to JavaScript', changed('"auth"', '"__proto__"'), 9],
  ['a number for an answer', changed('true', '3'), 9],
  ['a key twice', changed('"name"', '"schema"'), 4],
])('%s: the line is named', async (_, broken, line) => {
  const error = await userError(() => parse(broken));
  expect(error.code).toBe('RECORD_BROKEN');
  expect(error.message).toContain(`${file}:${line} `);
});

test.each([
  ['schema', changed('msvc.service/1', 'msvc.service/2')],
  ['generator', changed('"1.0.0"', '"1.0.1"')],
])('a newer %s is told from a mistake', async (_, newer) => {
  expect((await userError(() => parse(newer))).code).toBe('RECORD_NEWER');
});

test('an older generator is read', () => expect(parse(text, '1.10.0').generator).toBe('1.0.0'));

test('whatever is in the file, it is a record or a UserError', () => {
  const chars = fc.string({ unit: 'binary', maxLength: 8 });
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(20), chars, (at, length, inserted) => {
      try {
        parse(text.slice(0, at) + inserted + text.slice(at + length));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as UserError).why).toBe(harmlessLine((error as UserError).why));
      }
    }),
    { numRuns: 1000 },
  );
});

test('nesting without end is a UserError, not a crash', async () => {
  expect((await userError(() => parse('['.repeat(100_000)))).code).toBe('RECORD_BROKEN');
});
