import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { sourceTemplates } from '../../../src/cli/templates/manifests.ts';
import { clientModule, readOpenApi, toldOf } from '../../../src/generate/contracts/openapi/index.ts';
import { renderTree } from '../../../src/generate/render/render-tree.ts';
import { recordOf } from '../support/records.ts';
import { userError } from '../support/user-error.ts';

const read = async (file: string): Promise<string> => readFile(new URL(`documents/${file}`, import.meta.url), 'utf8');

/** A document of one operation, with these fields. */
const documentOf = (operation: object, more: object = {}): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    paths: { '/things/{id}': { get: { operationId: 'getThing', parameters: [id], responses: ok({}), ...operation } } },
    ...more,
  });
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const ok = (schema: object) => ({ 200: { description: '', content: { 'application/json': { schema } } } });

const contractOf = async (text: string) => (await readOpenApi(text, 'a.json')).contract;

describe('a module is made of', () => {
  test.each([
    ['charges.yaml', 'charges'],
    ['catalog.json', 'catalog'],
  ])('%s', async (file, client) => {
    const module = clientModule(client, await readOpenApi(await read(file), file));
    await expect(module).toMatchFileSnapshot(`documents/${client}.snapshot.txt`);
  });

  test('the contract of a service that we made', async () => {
    const tree = await renderTree(recordOf({ features: { example: {} } }), sourceTemplates);
    const { contract } = await readOpenApi(tree.get('contracts/openapi.json')?.content ?? '', 'openapi.json');
    expect([...contract.operations.keys()]).toEqual(['listOrders', 'placeOrder', 'findOrder']);
    expect(contract.notes).toEqual([]);
  });
});

test('what is kept is JSON, whatever came, and gives the same client', async () => {
  const first = await readOpenApi(await read('charges.yaml'), 'charges.yaml');
  const again = await readOpenApi(first.kept, 'charges.json');
  expect(again.kept).toBe(first.kept);
  expect(clientModule('charges', again)).toBe(clientModule('charges', first));
});

describe('what somebody else wrote stays a text', () => {
  const evil = "*/ process.exit(1); /* '; \u2028 \u202e \\";
  test('in comments, names and values', async () => {
    const text = documentOf(
      {
        summary: evil,
        operationId: evil,
        parameters: [id, { name: evil, in: 'query', schema: { enum: [evil] } }],
        responses: ok({ $ref: '#/components/schemas/E' }),
      },
      { components: { schemas: { E: { type: 'object', properties: { [evil]: { const: evil }, __proto__x: {} } } } } },
    );
    const module = clientModule('thing', await readOpenApi(text, 'a.json'));
    const { transform } = await import('esbuild');
    const { code } = await transform(module, { loader: 'ts', format: 'cjs' });
    const made: { exports: { thing?: { $defs: Record<string, { properties: Record<string, { const: string }> }> } } } =
      {
        exports: {},
      };
    new Function('module', code)(made);
    const { properties } = made.exports.thing?.$defs.E ?? { properties: {} };
    expect(Object.keys(properties)).toEqual([evil, '__proto__x']);
    expect(properties[evil]?.const).toBe(evil);
    expect(module).not.toMatch(/[\u2028\u202e]/);
  });
});

describe('what a client cannot do is said, and the rest of the contract is there', () => {
  test.each([
    ['a body of files', { requestBody: { content: { 'multipart/form-data': {} } } }, 'its body is multipart/form-data'],
    [
      'an answer that is no JSON',
      { responses: { 200: { content: { 'text/csv': {} } } } },
      'its answer 200 is text/csv',
    ],
    ['a path that nobody explains', { parameters: [] }, 'nothing says what {id} in its path is'],
    [
      'a path in a style of its own',
      { parameters: [{ ...id, style: 'matrix' }] },
      'it is written in the style matrix (id)',
    ],
    [
      'a cookie that must be there',
      { parameters: [id, { name: 's', in: 'cookie', required: true }] },
      'it is sent as a cookie (s)',
    ],
    ['another document', { responses: ok({ $ref: 'other.yaml#/A' }) }, 'it refers to another document (other.yaml#/A)'],
    [
      'nothing',
      { responses: ok({ $ref: '#/components/schemas/Gone' }) },
      '#/components/schemas/Gone is not in the document',
    ],
    ['itself', { responses: ok({ $ref: '#/components/schemas/Loop' }) }, '#/components/schemas/Loop refers to itself'],
  ])('%s', async (_, operation, why) => {
    const components = { schemas: { Loop: { $ref: '#/components/schemas/Loop' } } };
    const document = JSON.parse(documentOf(operation, { components }));
    document.paths['/other'] = { get: { operationId: 'other', responses: ok({ type: 'string' }) } };
    const { operations, notes } = await contractOf(JSON.stringify(document));
    expect(notes).toEqual([`getThing (GET /things/{id}) is left out: ${why}`]);
    expect([...operations.keys()]).toEqual(['other']);
  });

  test('a component that could not be made is not taken for anything by the next that needs it', async () => {
    const components = {
      schemas: { A: { properties: { b: { $ref: '#/components/schemas/B' } } }, B: { $ref: 'x.yaml' } },
    };
    const document = JSON.parse(documentOf({ responses: ok({ $ref: '#/components/schemas/A' }) }, { components }));
    document.paths['/other'] = { get: { operationId: 'other', responses: ok({ $ref: '#/components/schemas/A' }) } };
    document.paths['/fine'] = { get: { operationId: 'fine', responses: ok({}) } };
    const { operations, definitions } = await contractOf(JSON.stringify(document));
    expect([...operations.keys()]).toEqual(['fine']);
    expect([...definitions.keys()]).toEqual(['fine.answer']);
  });
});

test('nor one that refers to such a component in a circle', async () => {
  const components = {
    schemas: {
      A: { properties: { b: { $ref: '#/components/schemas/B' }, gone: { $ref: 'x.yaml' } } },
      B: { properties: { a: { $ref: '#/components/schemas/A' } } },
    },
  };
  const document = JSON.parse(documentOf({ responses: ok({ $ref: '#/components/schemas/A' }) }, { components }));
  document.paths['/other'] = { get: { operationId: 'other', responses: ok({ $ref: '#/components/schemas/B' }) } };
  document.paths['/fine'] = { get: { operationId: 'fine', responses: ok({}) } };
  const { operations, definitions } = await contractOf(JSON.stringify(document));
  expect([...operations.keys()]).toEqual(['fine']);
  expect([...definitions.keys()]).toEqual(['fine.answer']);
});

test('a chain of thousands of schemas is made whole', async () => {
  const count = 3_000;
  const ref = (index: number) => ({ $ref: `#/components/schemas/S${index % count}` });
  const schema = (index: number) => ({ type: 'object', properties: { next: ref(index + 1), list: { items: ref(0) } } });
  const schemas = Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, schema(index)]));
  const body = { content: { 'application/json': { schema: ref(0) } } };
  const text = documentOf({ requestBody: body, responses: ok(ref(0)) }, { components: { schemas } });
  const made = await readOpenApi(text, 'a.json');
  expect(made.contract.definitions.size).toBe(count + 1);
  expect(made.contract.definitions.get('S2999')).toMatchObject({ properties: { next: { $ref: '#/$defs/S0' } } });
  const changed = await readOpenApi(text.replace('#/components/schemas/S2999"', '$&,"nullable":true'), 'b.json');
  const { changes } = toldOf(made, changed);
  expect(changes).toContainEqual(expect.stringMatching(/^ {2}BREAKING/));
  for (const change of changes) expect(change.length).toBeLessThanOrEqual(300);
});

describe('bad input is refused in three lines', () => {
  const deep = `{"openapi":"3.1.0","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
  test.each([
    ['{ "openapi": ', 'CONTRACT_BROKEN'],
    ['openapi: 3.1.0\npaths: [', 'CONTRACT_BROKEN'],
    [deep, 'CONTRACT_BROKEN'],
    ['just text', 'CONTRACT_UNKNOWN'],
    ['', 'CONTRACT_UNKNOWN'],
    ['swagger: "2.0"\npaths: {}', 'CONTRACT_UNKNOWN'],
    ['{ "openapi": "4.0.0", "paths": {} }', 'CONTRACT_UNKNOWN'],
    ['{ "asyncapi": "3.0.0" }', 'CONTRACT_UNKNOWN'],
    ['{ "openapi": "3.1.0", "paths": {} }', 'CONTRACT_EMPTY'],
  ])('%#: %.30s', async (text, code) => {
    const error = await userError(() => readOpenApi(text, 'pay\u001b[2J.yaml'));
    expect(error.code).toBe(code);
    for (const line of [error.message, error.why, error.fix]) expect(line).toMatch(/^[\x20-\x7e…]+$/);
  });
});

describe('what changed is told', () => {
  const before = documentOf({ responses: ok({ type: 'object', properties: { a: { type: 'string' } } }) });
  const changed = async (after: string) =>
    toldOf(await readOpenApi(before, 'a'), await readOpenApi(after, 'b')).changes;

  test('nothing where nothing did, whatever else the document says', async () => {
    expect(await changed(JSON.stringify({ ...JSON.parse(before), 'x-internal': true, tags: [] }))).toEqual([]);
  });

  test('an operation that left, by the method that somebody calls', async () => {
    const document = JSON.parse(before);
    document.paths = { '/other': { get: { operationId: 'other', responses: ok({}) } } };
    expect(await changed(JSON.stringify(document))).toEqual([
      '  BREAKING  getThing (GET /things/{id}) is gone',
      '  fine      other (GET /other) is new',
    ]);
  });

  test('a method that is called something else', async () => {
    const after = before.replace('getThing', 'fetchThing');
    expect(await changed(after)).toEqual(['  BREAKING  getThing (GET /things/{id}) is called fetchThing now']);
  });

  test('an answer that has another form, also behind references and in OpenAPI 3.0', async () => {
    const after = JSON.parse(
      documentOf(
        { responses: { 200: { $ref: '#/components/responses/A' } } },
        {
          openapi: '3.0.3',
          components: {
            responses: { A: ok({ $ref: '#/components/schemas/A' })[200] },
            schemas: { A: { type: 'object', properties: { a: { type: 'string', nullable: true } } } },
          },
        },
      ),
    );
    expect(await changed(JSON.stringify(after))).toEqual([
      '  BREAKING  getThing (GET /things/{id}) answer.a may be null now',
    ]);
  });
});
