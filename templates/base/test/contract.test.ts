import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Contract, canonical, changedOperations, describeRoutes } from '../scripts/openapi.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';

const committed = JSON.parse(await readFile('contracts/openapi.json', 'utf8')) as Contract;

test('the routes keep the contract that was committed', async () => {
  const actual = await describeRoutes(process.env, committed.info);
  const changed = changedOperations(committed, actual);
  assert.deepEqual(
    changed,
    [],
    'the contract changed: run `npm run contract -- <next version>` and review the difference',
  );
  assert.equal(canonical(actual), canonical(committed), 'the contract changed: run `npm run contract`');
});

test('a changed operation is found, by name', () => {
  const before = {
    info: { title: 'a', version: '1.0.0' },
    paths: { '/v1/a': { get: { x: 1, y: 2 } }, '/v1/b': { get: {} } },
  };
  const after = {
    info: { title: 'a', version: '1.0.0' },
    paths: { '/v1/a': { get: { y: 2, x: 1 } }, '/v1/b': { get: {}, put: {} } },
  };
  assert.deepEqual(changedOperations(before, after), ['PUT /v1/b']);
  assert.deepEqual(changedOperations(after, before), ['PUT /v1/b']);
});

test('it is served as it was reviewed', async (t) => {
  const { url } = await startApp(t);
  assert.deepEqual(await bodyOf(await fetch(`${url}/openapi.json`)), committed);
});
