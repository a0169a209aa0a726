import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ListParser, listParser } from '../../../../src/check/sources/cluster/list-parser.ts';
import { listReader } from '../../../../src/check/sources/cluster/list-reader.ts';

type Taker = (onItem: (item: unknown) => void) => ListParser;

const reader: Taker = (onItem) => listReader({ onItem });

function takeApart(
  text: string,
  cuts: readonly number[] = [],
  taker: Taker = listParser,
): { items: unknown[]; rest: unknown } {
  const bytes = Buffer.from(text);
  const items: unknown[] = [];
  const stream = taker((item) => items.push(item));
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    stream.push(bytes.subarray(from, end));
    from = end;
  }
  return { items, rest: stream.end() };
}

const hard = fc.oneof(
  fc.constantFrom('"items":[{', '\\', '}', ']', '{"', 'é', '\u2028', '🦀'),
  fc.string({ unit: 'binary' }),
);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    hard,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(hard, fc.constant('items')), tie('node'), { maxKeys: 4 }),
  ),
})).node;

describe('a list taken apart while it arrives', () => {
  it('is the list that JSON.parse sees, wherever it was cut', () => {
    const object = fc.dictionary(fc.oneof(hard, fc.constant('metadata')), value, { maxKeys: 5 });
    const list = fc.record({ kind: hard, metadata: object, items: fc.array(object, { maxLength: 6 }), after: value });
    fc.assert(
      fc.property(
        list,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom(undefined, 1),
        // As a whole, in pieces, and begun as the one and gone on as the other.
        fc.constantFrom<Taker>(reader, listParser, (onItem) => listReader({ onItem }, 40)),
        (document, cuts, indent, taker) => {
          const { items, ...others } = JSON.parse(JSON.stringify(document));
          const seen = takeApart(JSON.stringify(document, null, indent), cuts, taker);
          expect(seen.items).toEqual(items);
          expect(seen.rest).toEqual({ ...others, items: [] });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('survives being cut after every byte', () => {
    const document = { kind: 'PodList', metadata: { continue: 'é' }, items: [{ a: '\\"}{' }, { items: [{ b: [] }] }] };
    const text = JSON.stringify(document);
    const everywhere = Array.from({ length: Buffer.byteLength(text) }, (_, index) => index);
    expect(takeApart(text, everywhere).items).toEqual(document.items);
  });

  it('leaves what is no list as it is', () => {
    for (const document of [{ items: null }, { items: 'none' }, { spec: { items: [{}] } }, [], 'items', null]) {
      const apart = { items: [], rest: document };
      expect(takeApart(JSON.stringify(document))).toEqual(apart);
      expect(takeApart(JSON.stringify(document), [], reader)).toEqual(apart);
    }
  });

  it('tells the token of the next page at the first bytes, where the server writes it first', () => {
    const told: string[] = [];
    const stream = listReader({ onItem: () => {}, onNext: (token) => told.push(token) });
    const page = JSON.stringify({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', continue: 'eyJ2IjoxfQ' },
      items: [{ metadata: { continue: 'no' } }],
    });
    stream.push(Buffer.from(page.slice(0, 100)));
    expect(told).toEqual(['eyJ2IjoxfQ']);
    stream.push(Buffer.from(page.slice(100)));
    expect([stream.end(), told]).toEqual([{ ...JSON.parse(page), items: [] }, ['eyJ2IjoxfQ']]);
  });

  it('takes no token from within an object', () => {
    const told: string[] = [];
    const stream = listReader({ onItem: () => {}, onNext: (token) => told.push(token) });
    stream.push(
      Buffer.from('{"kind":"List","apiVersion":"v1","metadata":{},"items":[{"metadata":{"continue":"no"}}]}'),
    );
    stream.end();
    expect(told).toEqual([]);
  });

  it('does not take half a list for a whole one', () => {
    const text = JSON.stringify({ kind: 'PodList', items: [{ a: 1 }, { b: 2 }] });
    for (let length = 1; length < text.length; length++) {
      for (const taker of [listParser, reader])
        expect(() => takeApart(text.slice(0, length), [], taker), text.slice(0, length)).toThrow(SyntaxError);
    }
  });
});
