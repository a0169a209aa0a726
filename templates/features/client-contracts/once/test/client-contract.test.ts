import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contractClient } from '../src/platform/http-client/contract.ts';
import { startClient } from './support/client.ts';
import { json, startUpstream } from './support/upstream.ts';

const contract = {
  operations: {
    getThing: {
      method: 'GET',
      path: '/v1/things/{id}',
      params: 'params',
      query: 'query',
      headers: 'headers',
      answer: 'Thing',
    },
    putThing: {
      method: 'PUT',
      path: '/v1/things/{id}',
      params: 'params',
      body: 'Thing',
      sends: 'application/merge-patch+json',
    },
    pay: { method: 'POST', path: '/v1/pay', needsKey: true },
  },
  $defs: {
    Thing: {
      type: 'object',
      required: ['id', 'parts'],
      properties: { id: { type: 'integer' }, parts: { type: 'array', items: { $ref: '#/$defs/Thing' } } },
    },
    params: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    query: {
      type: 'object',
      properties: { tags: { type: 'array', items: { type: 'string' } }, page: { type: 'integer' } },
    },
    headers: { type: 'object', properties: { 'x-tenant': { type: 'string' } } },
  },
} as const;

test('what an operation is given stands where its contract says', async (t) => {
  const upstream = await startUpstream(t, json(200, { id: 1, parts: [{ id: 2, parts: [] }] }));
  const client = contractClient(startClient(t, upstream.url).http, contract);

  const query = { tags: ['a&b', 'c'], page: undefined };
  const thing = await client.getThing({ params: { id: 'a/b' }, query, headers: { 'x-tenant': 'blue' } });
  await client.putThing({ params: { id: '1' }, body: { id: 1, parts: [] } });
  await client.pay({}, { idempotencyKey: 'once' });

  assert.equal(thing.parts[0]?.id, 2);
  const [get, put, pay] = upstream.requests;
  assert.equal(get?.url, '/v1/things/a%2Fb?tags=a%26b&tags=c');
  assert.equal(get?.headers['x-tenant'], 'blue');
  assert.equal(put?.headers['content-type'], 'application/merge-patch+json');
  assert.equal(pay?.headers['idempotency-key'], 'once');
});

test('no parameter leaves the place in the path that it has', async (t) => {
  const upstream = await startUpstream(t, json(200, { id: 1, parts: [] }));
  const client = contractClient(startClient(t, upstream.url).http, contract);
  for (const id of ['', '.', '..']) {
    await assert.rejects(client.getThing({ params: { id } }), { name: 'ServiceError', reason: 'path' });
  }
  for (const id of ['../admin', '..%2fadmin', 'a?b=c', '#']) await client.getThing({ params: { id } });
  assert.deepEqual(
    upstream.requests.map(({ url }) => url),
    ['/v1/things/..%2Fadmin', '/v1/things/..%252fadmin', '/v1/things/a%3Fb%3Dc', '/v1/things/%23'],
  );
});

test('an answer that is not as agreed is refused with the place, and without what stands there', async (t) => {
  const upstream = await startUpstream(t, json(200, { id: 1, parts: [{ id: 'secret', parts: [] }] }));
  const client = contractClient(startClient(t, upstream.url).http, contract);
  await assert.rejects(client.getThing({ params: { id: '1' } }), {
    name: 'ServiceError',
    reason: 'response',
    message: 'peer: its answer is not what was agreed: /parts/0/id must be integer',
  });
});

test('the compiler refuses what the contract does not take', async (t) => {
  const upstream = await startUpstream(t, json(503, {}));
  const client = contractClient(startClient(t, upstream.url, { retries: 0 }).http, contract);
  // @ts-expect-error: an id is needed
  const withoutId = client.getThing({});
  // @ts-expect-error: and it is a text
  const withNumber = client.getThing({ params: { id: 1 } });
  // @ts-expect-error: a key is needed
  const withoutKey = client.pay({});
  const calls = [withoutId, withNumber, withoutKey];
  await Promise.all(calls.map((call) => assert.rejects(call, { name: 'ServiceError' })));
});
