import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startGateway } from './support/gateway.ts';
import { json, startUpstream } from './support/upstream.ts';

test('upstreams are found as the services of clients are: one that is gone is left out, and no request is lost', async (t) => {
  const [first, second] = [await startUpstream(t, json(200, {})), await startUpstream(t, json(200, {}))];
  const url = `http://127.0.0.1:1,${first.url},${second.url}`;
  const routes = 'routes: [{ path: "/api/*", service: orders, auth: none, retries: 0 }]';
  const gateway = await startGateway(t, routes, { orders: { url } }, { ORDERS_DISCOVERY: 'static' });
  for (let i = 0; i < 30; i++) assert.equal((await fetch(`${gateway.url}/api/${i}`)).status, 200);
  assert.equal(first.requests.length + second.requests.length, 30);
  assert.ok(Math.min(first.requests.length, second.requests.length) >= 10);
});

test('a request with a body is no less lost, also while nobody knows yet that an instance is gone', async (t) => {
  const there = await startUpstream(t, async (request, response) => {
    json(200, { length: (await text(request)).length })(request, response);
  });
  const routes = 'routes: [{ path: "/api/*", service: orders, auth: none, retries: 0 }]';
  const url = `http://127.0.0.1:1,${there.url}`;
  const gateway = await startGateway(t, routes, { orders: { url } }, { ORDERS_DISCOVERY: 'static' });
  const body = 'x'.repeat(200_000);
  const send = async () => (await fetch(`${gateway.url}/api/1`, { method: 'POST', body })).json();
  const answers = await Promise.all(Array.from({ length: 6 }, send));
  assert.deepEqual(
    answers,
    answers.map(() => ({ length: body.length })),
  );
});
