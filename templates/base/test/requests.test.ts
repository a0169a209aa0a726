import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchOutgoingCalls } from '../src/platform/tracing/outgoing.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { json, startUpstream } from './support/upstream.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a correlation id follows a request: response, every log line, every outgoing call', async (t) => {
  watchOutgoingCalls();
  const upstream = await startUpstream(t, json(200, {}));
  const { url, logs } = await startApp(t, {
    extend: async (app) => {
      app.post('/relay', async (request) => {
        request.log.info('from a route');
        await fetch(upstream.url);
        app.log.info('from code that knows no request');
        return {};
      });
    },
  });

  const response = await fetch(`${url}/relay`, {
    method: 'POST',
    headers: { 'x-correlation-id': 'checkout-42', 'content-type': 'application/json' },
    body: '{}',
  });

  assert.equal(response.headers.get('x-correlation-id'), 'checkout-42');
  assert.equal(upstream.requests[0]?.headers['x-correlation-id'], 'checkout-42');
  const line = await eventually('the request line', () => logs.find(({ msg }) => msg === 'request'));
  assert.deepEqual([line.correlation_id, line.method, line.route, line.status], ['checkout-42', 'POST', '/relay', 200]);
  const said = logs.filter(({ msg }) => String(msg).startsWith('from'));
  assert.deepEqual(
    said.map(({ correlation_id }) => correlation_id),
    ['checkout-42', 'checkout-42'],
  );
});

test('one is made where the caller gave none, or one that nobody should log', async (t) => {
  const { url } = await startApp(t);
  for (const given of [undefined, 'with "quotes"', 'x'.repeat(129), '<script>']) {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-correlation-id': given };
    const response = await fetch(`${url}/v1`, { headers });
    assert.match(response.headers.get('x-correlation-id') ?? '', uuid);
  }
});

test('a request whose caller hung up is logged and traced too, as 499', async (t) => {
  let arrived = false;
  let finish = () => {};
  const { url, logs } = await startApp(t, {
    extend: async (app) => {
      app.get('/slow', async () => {
        arrived = true;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return {};
      });
    },
  });

  const caller = new AbortController();
  const call = fetch(`${url}/slow`, { signal: caller.signal });
  await eventually('the request arrives', () => arrived);
  caller.abort();
  await assert.rejects(call);
  const line = await eventually('its line', () => logs.find(({ route }) => route === '/slow'));
  assert.equal(line.status, 499);
  finish();
});

test('the query of a request does not reach the log', async (t) => {
  const { url, logs } = await startApp(t);
  await fetch(`${url}/v1/nowhere?token=secret`);

  const line = await eventually('the request line', () => logs.find(({ msg }) => msg === 'request'));
  assert.equal(line.path, '/v1/nowhere');
  assert.doesNotMatch(JSON.stringify(logs), /secret/);
});

test('requests are counted by route, never by URL', async (t) => {
  const { app, url } = await startApp(t, {
    extend: async (extended) => {
      extended.get('/things/:id', async () => ({}));
    },
  });
  for (const id of ['1', '2', '3']) await fetch(`${url}/things/${id}`);

  const count =
    /http_server_request_duration_seconds_count\{http_request_method="GET",http_route="\/things\/:id",http_response_status_code="200"\} 3/;
  await eventually('three requests are counted', async () => count.test(await app.metrics.metrics()));
});
