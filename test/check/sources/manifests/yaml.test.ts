import { describe, expect, test } from 'vitest';
import { readManifestText } from '../../../../src/check/sources/manifests/manifests.ts';
import { parseYaml } from '../../../../src/check/sources/manifests/parse-yaml.ts';

const value = (text: string): unknown => {
  const parsed = parseYaml(text);
  return 'values' in parsed ? parsed.values[0] : parsed.why;
};

describe('YAML is read as kubectl reads it', () => {
  test.each([
    ['a merge key', 'a: &a {p: 1, q: 2}\nb: {<<: *a, q: 3}\n', { a: { p: 1, q: 2 }, b: { p: 1, q: 3 } }],
    [
      'several to merge, of which the first wins',
      'x: {<<: [{a: 1}, {a: 2, b: 2}], c: 3}\n',
      { x: { a: 1, b: 2, c: 3 } },
    ],
    ['a merge key in quotes, which is none', 'x: {"<<": {a: 1}}\n', { x: { '<<': { a: 1 } } }],
    ['an anchor within an anchor', 'a: &a {b: &b 1}\nc: [*a, *b]\n', { a: { b: 1 }, c: [{ b: 1 }, 1] }],
    ['words for true and false', 'a: yes\nb: off\nc: "yes"\n', { a: true, b: false, c: 'yes' }],
    ['octal numbers', 'mode: 0644\n', { mode: 420 }],
    [
      'times and ports that look like times, which are texts',
      'a: 2026-01-01\nb: 22:22\n',
      { a: '2026-01-01', b: '22:22' },
    ],
    ['the last of two equal keys', 'a: 1\na: 2\n', { a: 2 }],
    ['null as if it were not there', 'a: null\nb:\nc: ~\nd: {e: }\nf: [null]\n', { d: {}, f: [null] }],
    ['null over what is merged', 'a: {<<: {b: 1}, b: null}\n', { a: {} }],
    ['an empty text in a map of texts', 'data: {a: , b: x}\n', { data: { a: '', b: 'x' } }],
    ['a name that JavaScript keeps for itself', '{"__proto__": {"a": 1}}', JSON.parse('{"__proto__":{"a":1}}')],
  ])('%s', (_, text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  test('thousands of aliases are thousands of values', () => {
    const text = `probe: &p {httpGet: {path: /, port: 80}}\nall:\n${'- {a: *p, b: *p}\n'.repeat(20_000)}`;
    const { all } = value(text) as { all: { a: { httpGet: { port: number } } }[] };
    expect(all).toHaveLength(20_000);
    expect(all.at(-1)?.a.httpGet.port).toBe(80);
  });

  test('aliases of aliases that grow without end are refused at once', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let level = 1; level < 30; level++)
      text += `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]\n`;
    expect(value(text)).toMatch(/aliases stand for more than/);
  });

  test.each([
    ['an alias of nothing', 'a: *b\n', /anchor \(&name\) that is not there/],
    ['an anchor that holds itself', 'a: &a [*a]\n', /anchor \(&name\) that is not there/],
    ['depth without end', `a: ${'['.repeat(200_000)}`, /./],
  ])('%s is an error and no crash', (_, text, expected) => {
    expect(value(text)).toMatch(expected);
  });
});

const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: it, namespace: shop}\n---\n';

test('one text holds what a folder would', () => {
  const { source, objects } = readManifestText(service, 'standard input');
  expect(source).toMatchObject({ kind: 'manifests', context: 'standard input' });
  expect(objects.get('services')?.map(({ metadata }) => metadata.name)).toEqual(['it']);
});

test('what no cluster of today takes is told, with what to write instead', () => {
  const old = 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: it}\n---\n';
  const odd = 'apiVersion: example.test/v1\nkind: Ingress\nmetadata: {name: it}\n';
  const errors = readManifestText(service + old + odd, 'it.yaml').reads.filter(({ outcome }) => outcome === 'error');
  expect(errors).toEqual([
    {
      resource: 'it.yaml',
      outcome: 'error',
      count: 0,
      detail: 'no cluster of today knows Ingress as extensions/v1beta1: write it as networking.k8s.io/v1',
    },
  ]);
});
