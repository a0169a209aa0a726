import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Waiting, whoWaits } from '../src/platform/context.ts';
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

test('a route that serves many is called as it says itself, in logs and metrics', async (t) => {
  const { url, logs } = await startApp(t, {
    extend: async (app) => {
      const routeOf = ({ url: asked }: { url: string }) => (asked.startsWith('/files/a') ? '/files/a*' : undefined);
      app.get('/files/*', { config: { routeOf } }, async () => ({}));
    },
  });
  for (const file of ['abc', 'xyz']) await (await fetch(`${url}/files/${file}`)).text();
  const lines = await eventually('both are logged', () => {
    const found = logs.filter(({ msg }) => msg === 'request');
    return found.length === 2 ? found : undefined;
  });
  assert.deepEqual(
    lines.map(({ route }) => route),
    ['/files/a*', undefined],
  );
  assert.match(await (await fetch(`${url}/metrics`)).text(), /http_route="\/files\/a\*"/);
});

test('one is made where the caller gave none, or one that nobody should log', async (t) => {
  const { url } = await startApp(t);
  for (const given of [undefined, 'with "quotes"', 'x'.repeat(129), '<script>']) {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-correlation-id': given };
    const response = await fetch(`${url}/v1`, { headers });
    assert.match(response.headers.get('x-correlation-id') ?? '', uuid);
  }
});

for (const method of ['GET', 'POST'] as const) {
  test(`a ${method} whose caller hung up is logged and counted, once, and what works for it is told`, async (t) => {
    let waiting: Waiting | undefined;
    let finish = () => {};
    const { app, url, logs } = await startApp(t, {
      extend: async (extended) => {
        extended.route({
          method,
          url: '/slow',
          handler: async () => {
            waiting = whoWaits();
            await new Promise<void>((resolve) => {
              finish = resolve;
            });
            return {};
          },
        });
      },
    });

    const caller = new AbortController();
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    const call = fetch(`${url}/slow`, { method, signal: caller.signal, ...body });
    await eventually('the request arrives', () => waiting);
    assert.equal(waiting?.signal.aborted, false);
    caller.abort();
    await assert.rejects(call);
    await eventually('the work for it is told', () => waiting?.signal.aborted);
    finish();
    await fetch(`${url}/nowhere`);
    await eventually('a later line', () => logs.find(({ path }) => path === '/nowhere'));
    assert.deepEqual(
      logs.filter(({ route }) => route === '/slow').map(({ msg, status }) => [msg, status]),
      [['request', 499]],
    );
    const counted = new RegExp(`_count\\{http_request_method="${method}",http_route="/slow",[^}]*="499"\\} 1`);
    assert.match(await app.metrics.metrics(), counted);
  });
}

test('a caller who leaves while it sends is told apart from a fault of this service', async (t) => {
  const { url, logs } = await startApp(t, {
    extend: async (app) => {
      app.post('/upload', async () => ({}));
    },
  });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /upload HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
  await once(socket, 'connect');
  await fetch(`${url}/health/live`);
  socket.destroy();
  const line = await eventually('its line', () => logs.find(({ route }) => route === '/upload'));
  assert.deepEqual([line.msg, line.status], ['request', 499]);
  assert.ok(!logs.some(({ level }) => level === 'error'), JSON.stringify(logs));
});

test('nobody waits for what goes on after the answer', async (t) => {
  let later: (() => Waiting | undefined) | undefined;
  let before: Waiting | undefined;
  const { url, logs } = await startApp(t, {
    extend: async (app) => {
      app.get('/quick', async () => {
        before = whoWaits();
        assert.ok((before?.deadline ?? 0) <= performance.now() + 5_000);
        later = AsyncResource.bind(whoWaits);
        return {};
      });
    },
  });
  const response = await fetch(`${url}/quick`, { headers: { 'x-request-timeout-ms': '5000' } });
  assert.equal(response.status, 200);
  await eventually('the request line', () => logs.find(({ msg }) => msg === 'request'));
  assert.equal(later?.(), undefined);
  assert.deepEqual([before?.signal.aborted, before?.deadline], [false, Number.POSITIVE_INFINITY]);
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
