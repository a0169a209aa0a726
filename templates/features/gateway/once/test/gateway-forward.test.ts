import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { sendRaw, startGateway, statusOf } from './support/gateway.ts';
import { json, startUpstream } from './support/upstream.ts';

const routes = `
routes:
  - { path: '/api/orders/*', service: orders, rewrite: /v1/orders, auth: none, timeout: 1s, idle: 1s, retries: 1, body: 64KiB }
  - { path: '/api/slow/*', service: orders, auth: none, timeout: 3s, idle: 3s }
  - { path: '/api/patient/*', service: orders, auth: none, timeout: 1m }
  - { path: '/api/large/*', service: orders, auth: none, timeout: 1m, idle: 1s, body: 64MiB }
`;

/** A gateway in front of one real server that plays the orders. */
async function start(t: TestContext, answer: Parameters<typeof startUpstream>[1], env: Record<string, string> = {}) {
  const orders = await startUpstream(t, answer);
  const gateway = await startGateway(t, routes, { orders }, env);
  return { ...gateway, orders };
}

/** What came of a body, which may break off. */
const received = (request: IncomingMessage): Promise<string> => text(request).catch(() => 'broken');

test('a request goes on as it is, and the answer comes back as it is', async (t) => {
  const { url, orders } = await start(t, async (request, response) => {
    const body = await text(request);
    response.writeHead(201, 'Made', [
      ...['content-type', 'text/plain', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-correlation-id', 'theirs'],
      ...['connection', 'x-secret', 'x-secret', '1', 'keep-alive', 'timeout=99'],
    ]);
    response.end(`${request.method} ${request.url} ${body}`);
  });
  const response = await fetch(`${url}/api/orders/7/items?all=1&x=%2F`, { method: 'POST', body: 'not json' });
  assert.equal(response.status, 201);
  assert.equal(response.statusText, 'Made');
  assert.equal(await response.text(), 'POST /v1/orders/7/items?all=1&x=%2F not json');
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.equal(response.headers.get('x-secret'), null);
  assert.notEqual(response.headers.get('keep-alive'), 'timeout=99');
  const [request] = orders.requests;
  assert.equal(request?.headers['x-correlation-id'], response.headers.get('x-correlation-id'));
  assert.equal(request?.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(request?.headers['x-forwarded-proto'], 'http');
  assert.equal(request?.headers['x-forwarded-host'], new URL(url).host);
  assert.equal(request?.headers['x-request-timeout-ms'], '1000');
});

test('logs, metrics and traces name the route, not the path', async (t) => {
  const { url, logs } = await start(t, json(200, {}));
  await (await fetch(`${url}/api/orders/7`)).text();
  const line = await eventually('it is logged', () => logs.find(({ msg }) => msg === 'request'));
  assert.equal(line.route, '/api/orders/*');
  assert.equal(line.path, '/api/orders/7');
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /http_server_request_duration_seconds_count\{.*http_route="\/api\/orders\/\*".*\} 1/);
  assert.match(metrics, /http_client_call_duration_seconds_count\{peer_service="orders",outcome="ok"\} 1/);
});

test('requests one behind another on a connection go on one after another: nobody takes all places that way', async (t) => {
  let [running, most] = [0, 0];
  const { url, orders, app } = await start(t, (_request, response) => {
    most = Math.max(most, ++running);
    setImmediate(() => {
      running -= 1;
      response.end('fine');
    });
  });
  const line = (number: number, connection: string) =>
    `GET /api/orders/${number} HTTP/1.1\r\nhost: edge\r\nconnection: ${connection}\r\n\r\n`;
  const lines = Array.from({ length: 30 }, (_, number) => line(number, number < 29 ? 'keep-alive' : 'close')).join('');
  assert.equal((await sendRaw(url, lines)).match(/HTTP\/1\.1 200 /g)?.length, 30);
  assert.equal(most, 1);
  assert.deepEqual(
    orders.requests.map(({ url: path }) => path),
    Array.from({ length: 30 }, (_, number) => `/v1/orders/${number}`),
  );

  orders.answer = () => {};
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  client.on('error', () => {}).write(lines);
  await eventually('the first one is under way', () => orders.requests.length === 31);
  client.destroy();
  await eventually('nothing is under way', () => app.gateway.exchanges.size === 0);
  assert.equal(orders.requests.length, 31);
});

test('trailers and 103 are passed on', async (t) => {
  const { url } = await start(t, (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('all');
    response.addTrailers({ 'x-sum': '3' });
    response.end();
  });
  const asked = get(`${url}/api/orders/1`);
  const [[hints], [response]] = (await Promise.all([once(asked, 'information'), once(asked, 'response')])) as [
    [{ statusCode: number; headers: Record<string, string> }],
    [IncomingMessage],
  ];
  assert.deepEqual([hints.statusCode, hints.headers.link], [103, '</style.css>; rel=preload']);
  assert.equal(await text(response), 'all');
  assert.equal(response.trailers['x-sum'], '3');
});

test('no answer in time: 504, and the upstream is told', async (t) => {
  let isTold = false;
  const { url } = await start(t, (_request, response) => response.once('close', () => (isTold = true)));
  const response = await fetch(`${url}/api/orders/1`);
  assert.equal(response.status, 504);
  assert.equal((await bodyOf(response)).status, 504);
  await eventually('the upstream is told', () => isTold);
});

test('a reset, and nobody there: 502', async (t) => {
  const { url } = await start(t, (request) => request.socket.resetAndDestroy());
  assert.equal((await fetch(`${url}/api/orders/1`)).status, 502);
  const away = await startGateway(t, routes, { orders: { url: 'http://127.0.0.1:1' } });
  assert.equal((await fetch(`${away.url}/api/orders/1`)).status, 502);
});

test('a reset behind a body that had come whole is a failure of the upstream as well, and opens its circuit', async (t) => {
  const { url } = await start(
    t,
    async (request) => {
      await received(request);
      request.socket.resetAndDestroy();
    },
    { ORDERS_BREAKER_FAILURES: '2' },
  );
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await fetch(`${url}/api/orders/1`, { method: 'PUT', body: 'x' })).status);
  assert.deepEqual(statuses, [502, 502, 503]);
});

test('trouble is met with a second attempt where that is safe, and passed on where it stays', async (t) => {
  const { url, orders } = await start(t, json(503, { title: 'busy' }));
  const answer = await fetch(`${url}/api/orders/1`);
  assert.deepEqual([answer.status, (await bodyOf(answer)).title], [503, 'busy']);
  assert.equal(orders.requests.length, 2);
  assert.equal((await fetch(`${url}/api/orders/1`, { method: 'POST', body: 'x' })).status, 503);
  assert.equal(orders.requests.length, 3);

  let failed = false;
  orders.answer = (_request, response) => {
    response.writeHead(failed ? 200 : 503).end('fine');
    failed = true;
  };
  assert.equal(await (await fetch(`${url}/api/orders/1`)).text(), 'fine');
});

test('a circuit that is open answers 503 with the time to come back, and heals by itself', async (t) => {
  const { url, orders } = await start(t, json(503, {}), {
    ORDERS_BREAKER_FAILURES: '3',
    ORDERS_BREAKER_OPEN_MS: '2000',
  });
  for (let i = 0; i < 3; i++) await (await fetch(`${url}/api/orders/1`, { method: 'POST' })).text();
  const before = orders.requests.length;
  const response = await fetch(`${url}/api/orders/1`);
  assert.equal(response.status, 503);
  assert.ok(Number(response.headers.get('retry-after')) >= 1);
  assert.equal(orders.requests.length, before);
  const { checks, status } = await bodyOf(await fetch(`${url}/health`));
  assert.deepEqual([status, checks.upstreams.services.orders.circuit], ['degraded', 'open']);
  orders.answer = json(200, {});
  await eventually('it closes again', async () => (await fetch(`${url}/api/orders/1`)).status === 200);
});

test('what clients break opens no circuit', async (t) => {
  const { url } = await start(
    t,
    async (request, response) => {
      await received(request);
      response.end('fine');
    },
    { ORDERS_BREAKER_FAILURES: '2' },
  );
  const head = `POST /api/orders/1 HTTP/1.1\r\nhost: edge\r\nconnection: close\r\n`;
  for (let i = 0; i < 4; i++) {
    const answer = await sendRaw(url, `${head}transfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n`);
    assert.equal(statusOf(answer), 400);
    const gone = request(`${url}/api/orders/1`, { method: 'POST', headers: { 'content-length': '10' } });
    gone.on('error', () => {}).write('half', () => gone.destroy());
    await new Promise((resolve) => gone.once('close', resolve));
  }
  assert.equal((await fetch(`${url}/api/orders/1`)).status, 200);
});

test('the client is gone before the answer: the upstream is told', async (t) => {
  let isTold = false;
  const { url, orders } = await start(t, (_request, response) => response.once('close', () => (isTold = true)));
  const controller = new AbortController();
  const asked = fetch(`${url}/api/patient/1`, { signal: controller.signal });
  await eventually('the upstream is asked', () => orders.requests.length === 1);
  controller.abort();
  await assert.rejects(asked);
  await eventually('the upstream is told', () => isTold);
});

test('events go on for longer than an answer may take to begin, and the upstream is told when the reader leaves', async (t) => {
  let isTold = false;
  const { url } = await start(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: tick\n\n'), 100);
    response.once('close', () => {
      isTold = true;
      clearInterval(timer);
    });
  });
  const begun = performance.now();
  const [response] = (await once(get(`${url}/api/orders/events`), 'response')) as [IncomingMessage];
  while (performance.now() - begun < 1_500) await once(response, 'data');
  response.destroy();
  await eventually('the upstream is told', () => isTold);
});

test('events that begin while the gateway leaves end at once: who listens comes back to another replica', async (t) => {
  let isTold = false;
  const { url, app } = await start(t, (_request, response) => {
    response.once('close', () => (isTold = true));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  });
  app.lifecycle.phase = 'draining';
  const response = await fetch(`${url}/api/patient/events`);
  assert.deepEqual([response.status, await response.text()], [200, '']);
  await eventually('the upstream is told', () => isTold);
});

test('the first byte of a stream may take its time: the client has the head by then', async (t) => {
  const { url } = await start(t, (_request, response) => void response.writeHead(200).flushHeaders());
  const asked = get(`${url}/api/orders/1`);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  asked.on('error', () => {}).destroy();
});

test('an answer that breaks off does not look whole', async (t) => {
  const { url } = await start(t, (_request, response) => {
    response.writeHead(200).write('half');
    setTimeout(() => response.socket?.resetAndDestroy(), 100);
  });
  const response = await fetch(`${url}/api/orders/1`);
  await assert.rejects(response.text());
});

test('an answer that stands still is cut', async (t) => {
  const { url } = await start(t, (_request, response) => void response.writeHead(200).write('half'));
  await assert.rejects((await fetch(`${url}/api/orders/1`)).text());
});

test('a body larger than its route allows: 413, by its length and while it comes', async (t) => {
  const { url } = await start(t, async (request, response) => response.end(String((await received(request)).length)));
  const large = 'x'.repeat(65_537);
  assert.equal((await fetch(`${url}/api/orders/1`, { method: 'POST', body: large })).status, 413);
  const chunks = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
  const head = 'POST /api/orders/1 HTTP/1.1\r\nhost: edge\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n';
  assert.equal(statusOf(await sendRaw(url, head + chunks)), 413);
  const exact = await fetch(`${url}/api/orders/1`, { method: 'POST', body: large.slice(1) });
  assert.equal(await exact.text(), '65536');
});

test('an answer that comes before the body has is passed on', async (t) => {
  const { url } = await start(t, (_request, response) => response.writeHead(413).end('too much for me'));
  const head = 'POST /api/large/1 HTTP/1.1\r\nhost: edge\r\ncontent-length: 500000\r\n\r\n';
  const answer = await sendRaw(url, `${head}${'x'.repeat(200_000)}`);
  assert.equal(statusOf(answer), 413);
  assert.match(answer, /too much for me/);
  assert.match(answer, /connection: close/i);
});

test('the time for an answer begins when the body is complete, and a body that stops ends with 408', async (t) => {
  const { url } = await start(t, async (request, response) => response.end(await received(request)));
  const slow = request(`${url}/api/slow/1`, { method: 'POST', headers: { 'content-length': '50' } });
  const answered = once(slow, 'response') as Promise<[IncomingMessage]>;
  for (let i = 0; i < 10; i++) {
    slow.write('12345');
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  slow.end();
  const [answer] = await answered;
  assert.deepEqual([answer.statusCode, await text(answer)], [200, '12345'.repeat(10)]);

  const head = 'POST /api/orders/1 HTTP/1.1\r\nhost: edge\r\ncontent-length: 20\r\n\r\nhalf';
  assert.equal(statusOf(await sendRaw(url, head)), 408);
});

test('clients that send slowly take no place from others', async (t) => {
  const few = { ORDERS_MAX_CONCURRENT: '2', ORDERS_MAX_QUEUED: '0' };
  const { url, orders, app } = await start(t, async (request, response) => response.end(await received(request)), few);
  const head = 'POST /api/patient/1 HTTP/1.1\r\nhost: edge\r\ncontent-length: 20\r\n\r\n';
  const slow = Array.from({ length: 5 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
  for (const client of slow) {
    t.after(() => client.destroy());
    client.on('error', () => {}).write(`${head}half of it,`);
  }
  await eventually('all are here', () => app.gateway.exchanges.size === slow.length);
  assert.equal((await fetch(`${url}/api/patient/2`)).status, 200);
  assert.equal((await fetch(`${url}/api/patient/3`, { method: 'POST', body: 'all' })).status, 200);
  assert.equal(orders.requests.length, 2);
  for (const client of slow) {
    client.write('and rest.');
    const [answer] = (await once(client, 'data')) as [Buffer];
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
  }
});

test('a body that goes on by single bytes, once the upstream waits for it, has stopped: 408', async (t) => {
  const { url } = await start(t, async (request, response) => response.end(await received(request)));
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => client.destroy());
  client.on('error', () => {}).write('POST /api/large/1 HTTP/1.1\r\nhost: edge\r\ncontent-length: 500000\r\n\r\n');
  client.write('x'.repeat(200_000));
  const drip = setInterval(() => client.write('x'), 50);
  t.after(() => clearInterval(drip));
  const [answer] = (await once(client, 'data')) as [Buffer];
  assert.equal(statusOf(String(answer)), 408);
});

test('a body that the upstream does not take is its fault, not that of the client: 504', async (t) => {
  const { url } = await start(t, () => {});
  const asked = request(`${url}/api/large/1`, { method: 'POST' });
  asked.on('error', () => {}).end(Buffer.alloc(64 * 1_048_576));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 504);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /call_duration.*outcome="timeout"/);
});

test('who does not read the answer is cut off, and the upstream is told', async (t) => {
  let isTold = false;
  const { url } = await start(t, (_request, response) => {
    response.once('close', () => (isTold = true));
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {}).write('GET /api/large/1 HTTP/1.1\r\nhost: edge\r\n\r\n');
  await eventually('the upstream is told', () => isTold);
});

test('a client that asks first whether it may send is told to go on', async (t) => {
  const { url } = await start(t, async (request, response) => response.end(await received(request)));
  const asking = request(`${url}/api/orders/1`, { method: 'POST', headers: { expect: '100-continue' } });
  asking.flushHeaders();
  await once(asking, 'continue');
  asking.end('body');
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  assert.equal(await text(answer), 'body');
});

test('a certificate that is not for the upstream is refused', async (t) => {
  const plain = createServer((_request, response) => response.end('no TLS at all'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  t.after(() => plain.close());
  const upstream = { url: `https://127.0.0.1:${(plain.address() as AddressInfo).port}` };
  const { url } = await startGateway(t, routes, { orders: upstream });
  assert.equal((await fetch(`${url}/api/orders/1`)).status, 502);
});
