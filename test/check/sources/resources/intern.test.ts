import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intern } from '../../../../src/check/sources/resources/intern.ts';
import { projection } from '../../../../src/check/sources/resources/projection.ts';

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const document = fc.jsonValue({ maxDepth: 4 }).map(copyOf);

test('nothing changes but what is shared', () => {
  fc.assert(
    fc.property(document, document, (value, before) => {
      const [was, wasBefore] = [copyOf(value), copyOf(before)];
      expect(intern(value, before)).toEqual(was);
      expect(before).toEqual(wasBefore);
      expect(intern(copyOf(before), before)).toBe(before);
    }),
    { numRuns: 500 },
  );
});

test('equal parts are one', () => {
  const before = { spec: { env: [{ name: 'A' }], image: 'a' }, list: [{ x: 1 }, { y: 2 }] };
  const after = intern({ spec: { env: [{ name: 'A' }], image: 'b' }, list: [{ x: 1 }], extra: 1 }, before);
  expect(after).toEqual({ spec: { env: [{ name: 'A' }], image: 'b' }, list: [{ x: 1 }], extra: 1 });
  expect(after.spec.env).toBe(before.spec.env);
  expect(after.list[0]).toBe(before.list[0]);
});

test('names that mean something to JavaScript are names like others, and depth has an end', () => {
  const strange = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
  expect(JSON.stringify(intern(copyOf(strange), { a: 1 }))).toBe(JSON.stringify(strange));
  const deep = () => JSON.parse(`${'[{"a":'.repeat(3000)}{}${'}]'.repeat(3000)}`);
  expect(() => intern(deep(), deep())).not.toThrow();
});

test('what a projection keeps of siblings is in memory once', () => {
  const pod = (name: string) => ({ metadata: { name, labels: { app: 'a' } }, spec: { containers: [{ image: 'x' }] } });
  const prune = projection(['spec']);
  const type = { apiVersion: 'v1', kind: 'Pod' };
  const [first, second] = [prune(pod('one'), type), prune(pod('two'), type)];
  expect(second?.metadata.name).toBe('two');
  expect(second?.spec).toBe(first?.spec);
  expect(second?.metadata.labels).toBe(first?.metadata.labels);
});
