import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Contract, compareOpenApi } from '../scripts/contracts/compare-openapi.ts';
import { type Change, compareSchemas } from '../scripts/contracts/compare-schemas.ts';
import { breakingOf, tellChanges } from '../scripts/contracts/tell-changes.ts';
import { formatJson, inOrderOf } from '../scripts/contracts/write-json.ts';
import { breakingAdvice, describeRoutes } from '../scripts/openapi.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';

const text = await readFile('contracts/openapi.json', 'utf8');
const committed = JSON.parse(text) as Contract;

test('the routes keep the contract that was committed', async () => {
  const changes = compareOpenApi(committed, await describeRoutes(process.env, committed.info));
  const advice =
    breakingOf(changes).length > 0
      ? breakingAdvice('<next major version>')
      : 'Nobody fails by it: run `npm run contract` and commit the file.';
  assert.ok(changes.length === 0, `the contract changed:\n${tellChanges(changes)}\n${advice}`);
});

test('contracts are written in one form: what did not change stays where it was', () => {
  const routes = { info: { version: '1', title: 'a' }, paths: { '/b': { get: 2, put: 1 }, '/a': [{ y: 1, x: 2 }] } };
  const before = { paths: { '/a': [{ x: 1, y: 1 }], '/b': { get: 1, gone: 1 } }, info: { title: 'a', version: '1' } };
  assert.equal(
    JSON.stringify(inOrderOf(before, routes)),
    JSON.stringify({ paths: { '/a': [{ x: 2, y: 1 }], '/b': { get: 2, put: 1 } }, info: { title: 'a', version: '1' } }),
  );
  assert.deepEqual(inOrderOf({}, { valueOf: 1 }), { valueOf: 1 });
  assert.equal(formatJson({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}\n');
});

const object = (properties: object, required: string[] = [], more: object = {}) => ({
  type: 'object',
  properties,
  required,
  ...more,
});
const a = { type: 'string' };
const marks = (changes: Change[]) =>
  changes.map(({ isBreaking, place, what }) => `${isBreaking ? '!' : ''}${place} ${what}`);

// What each side reads: what came in still must, and nothing may go out that could not.
for (const [title, before, after, incoming, outgoing] of [
  ['an optional field', object({ a }), object({ a, b: a }), ['x.b is new and optional'], ['x.b is new and optional']],
  [
    'a required field',
    object({ a }),
    object({ a, b: a }, ['b']),
    ['!x.b is new and required'],
    ['x.b is new and required'],
  ],
  ['a field less', object({ a, b: a }), object({ a }), ['!x.b is gone'], ['!x.b is gone']],
  [
    'another type',
    object({ a }),
    object({ a: { type: 'integer' } }),
    ['x.a may be integer now', '!x.a may not be string any more'],
    ['!x.a may be integer now', 'x.a may not be string any more'],
  ],
  ['one value more', { enum: ['a'] }, { enum: ['a', 'b'] }, ['x may be "b" now'], ['!x may be "b" now']],
  ['a narrower number', { minimum: 1 }, { minimum: 2 }, ['!x minimum was 1 and is 2'], ['x minimum was 1 and is 2']],
  [
    'optional from now on, in a list',
    { items: object({ a }, ['a']) },
    { items: object({ a }) },
    ['x[].a was always there and is optional'],
    ['!x[].a was always there and is optional'],
  ],
  [
    'required, and described nowhere',
    { required: [] },
    { required: ['a'] },
    ['!x.a was optional and is required'],
    ['x.a was optional and is required'],
  ],
  ['a list of types', a, { type: ['string', 'null'] }, ['x may be null now'], ['!x may be null now']],
  [
    'all values of a type',
    { enum: [1, true] },
    { type: ['integer', 'boolean'] },
    ['x may be integer now', 'x may be boolean now'],
    ['!x may be integer now', '!x may be boolean now'],
  ],
  ['another order', { anyOf: [a, { type: 'null' }] }, { anyOf: [{ type: 'null' }, a] }, [], []],
  ['nothing fits any more', { items: true }, { items: false }, ['!x[] not is another'], ['!x[] not is another']],
  [
    'a field with a name of JavaScript',
    object({}),
    object({ valueOf: a }),
    ['x.valueOf is new and optional'],
    ['x.valueOf is new and optional'],
  ],
  ['what nobody understands', { pattern: 'a' }, { pattern: 'b' }, ['!x pattern is another'], ['!x pattern is another']],
  ['words', { description: 'a' }, { description: 'b' }, ['x description is another'], ['x description is another']],
] as const) {
  test(`breaking or not: ${title}`, () => {
    const compared = (direction: 'in' | 'out') =>
      marks(compareSchemas(before, after, 'x', { directions: [direction] }));
    assert.deepEqual([compared('in'), compared('out')], [incoming, outgoing]);
  });
}

test('a changed operation is told with its place', () => {
  const operation = (body: object, answer: object, more = {}) => ({
    requestBody: { content: { 'application/json': { schema: body } } },
    responses: { 200: { content: { 'application/json': { schema: answer } } } },
    ...more,
  });
  const contract = (get: object | undefined, schemas = {}): Contract => ({
    info: { title: 'a', version: '1.0.0' },
    paths: {
      '/v1/a': { post: operation(object({ a }), { $ref: '#/components/schemas/A' }) },
      ...(get && { '/v1/b': { get } }),
    },
    components: { schemas: { A: object({ a, ...schemas }, ['a']) } },
  });
  const before = contract(operation({}, {}));
  assert.deepEqual(compareOpenApi(before, before), []);
  assert.deepEqual(marks(compareOpenApi(before, contract(undefined, { c: a }))), [
    '!GET /v1/b is gone',
    'POST /v1/a 200.c is new and optional',
  ]);
  const stricter = contract(operation(a, {}, { parameters: [{ in: 'query', name: 'q', required: true }] }));
  assert.deepEqual(marks(compareOpenApi(before, stricter)), [
    '!GET /v1/b query q is new and required',
    '!GET /v1/b request may not be anything any more',
  ]);
});

test('what a contract refers to is followed, also in circles', () => {
  const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const contract = (kind: object): Contract => ({
    info: { title: 'a', version: '1.0.0' },
    paths: {
      '/v1/a': { get: { responses: { 200: { content: { 'application/json': { schema: refer('Order') } } } } } },
    },
    components: {
      schemas: { Order: object({ parent: refer('Order'), kind: refer('Kind') }), Kind: refer('Word'), Word: kind },
    },
  });
  assert.deepEqual(compareOpenApi(contract(a), contract(a)), []);
  assert.deepEqual(marks(compareOpenApi(contract(a), contract({ type: ['string', 'null'] }))), [
    '!GET /v1/a 200.kind may be null now',
  ]);
  const flat = contract(a);
  Object.assign(flat.components?.schemas ?? {}, {
    Order: object({ parent: object({ kind: a }), kind: refer('Kind') }),
  });
  assert.deepEqual(marks(compareOpenApi(contract(a), flat)), ['!GET /v1/a 200.parent.parent is gone']);
});

test('it is served as it was reviewed', async (t) => {
  const { url } = await startApp(t);
  assert.deepEqual(await bodyOf(await fetch(`${url}/openapi.json`)), committed);
});
