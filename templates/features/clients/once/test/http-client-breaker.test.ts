import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import type { ServiceError } from '../src/platform/http-client/service-error.ts';
import { clientSettings } from '../src/platform/http-client/settings.ts';
import { startApp } from './support/app.ts';
import { startClient } from './support/client.ts';
import { eventually } from './support/eventually.ts';
import { untilHealth } from './support/health.ts';
import { json, startUpstream } from './support/upstream.ts';

const ok = json(200, { id: '1' });
const down: RequestListener = (request) => request.socket.destroy();
const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error) => (error as ServiceError).reason,
  );

test('the breaker opens at the fifth failure in a row, lets one probe through after 30 s, and closes', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const upstream = await startUpstream(t, down);
  const { app, url, logs } = await startApp(t, { env: { PEER_URL: upstream.url } });
  const read = clientSettings('PEER', { url: 'http://peer' });
  const http = app.createClient({
    service: 'peer',
    property: 'peer',
    settings: (env) => ({ ...read(env), retries: 0 }),
    create: (client) => client,
  });
  const circuit = async (status: 'healthy' | 'degraded') => (await untilHealth(url, status)).checks.peer.circuit;

  for (let i = 0; i < 4; i++) assert.equal(await reasonOf(http.get('/')), 'network');
  assert.equal(await circuit('healthy'), 'closed');
  assert.equal(await reasonOf(http.get('/')), 'network');
  assert.equal(await circuit('degraded'), 'open');
  assert.match(await app.metrics.metrics(), /http_client_circuit\{peer_service="peer"\} 2/);
  assert.ok(logs.some(({ peer, circuit, level }) => peer === 'peer' && circuit === 'open' && level === 'warn'));

  const refused = (await http.get('/').catch((error: unknown) => error)) as ServiceError;
  assert.deepEqual([refused.reason, refused.retryAfterMs], ['open', 30_000]);
  assert.equal(upstream.requests.length, 5, 'an open circuit sends nothing');

  // The answer is held back until the test has seen that one of ten callers got through.
  let release = () => {};
  upstream.answer = (request, response) => {
    release = () => ok(request, response);
  };
  t.mock.timers.tick(29_999);
  assert.equal(await reasonOf(http.get('/')), 'open');
  t.mock.timers.tick(1);
  const probe = reasonOf(http.get('/'));
  const waiting = Array.from({ length: 9 }, () => reasonOf(http.get('/')));
  await eventually('the probe arrives', () => upstream.requests.length === 6);
  upstream.answer = ok;
  release();
  assert.deepEqual(await Promise.all([probe, ...waiting]), Array(10).fill('ok'));
  assert.equal(await circuit('healthy'), 'closed');
});

test('4xx is an answer: it never trips the breaker, and ends a row of failures', async (t) => {
  const upstream = await startUpstream(t, json(404, { title: 'no such payment' }));
  const { http } = startClient(t, upstream.url, { retries: 0 });
  for (let i = 0; i < 20; i++) assert.equal(await reasonOf(http.get('/')), 'status');
  assert.equal(http.circuit, 'closed');

  for (let round = 0; round < 2; round++) {
    upstream.answer = json(503, {});
    for (let i = 0; i < 4; i++) await reasonOf(http.get('/'));
    upstream.answer = json(404, {});
    await reasonOf(http.get('/'));
  }
  assert.equal(http.circuit, 'closed');
});

test('callers that give up neither open the circuit nor close it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const upstream = await startUpstream(t, () => {});
  const { http, circuits } = startClient(t, upstream.url, { retries: 0 });
  const giveUp = async () => {
    const caller = new AbortController();
    const before = upstream.requests.length;
    let reason: string | undefined;
    const call = reasonOf(http.get('/', { signal: caller.signal })).then((got) => {
      reason = got;
    });
    await eventually('the request arrives, or is refused', () => reason ?? upstream.requests.length > before);
    caller.abort();
    await call;
    return reason;
  };
  for (let i = 0; i < 8; i++) assert.equal(await giveUp(), 'aborted');
  assert.equal(http.circuit, 'closed');

  upstream.answer = down;
  for (let i = 0; i < 5; i++) await reasonOf(http.get('/'));
  upstream.answer = () => {};
  t.mock.timers.tick(30_000);
  assert.equal(await giveUp(), 'aborted');
  await eventually('it is open again', () => circuits.length === 3);
  assert.deepEqual(circuits, ['open', 'half-open', 'open']);
});
