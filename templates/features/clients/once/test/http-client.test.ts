import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from 'typebox';
import { parseRetryAfter } from '../src/platform/http-client/retry.ts';
import { ServiceError } from '../src/platform/http-client/service-error.ts';
import { startApp } from './support/app.ts';
import { startClient } from './support/client.ts';
import { eventually } from './support/eventually.ts';
import { untilHealth, untilReady } from './support/health.ts';
import { json, startUpstream } from './support/upstream.ts';

const ok = json(200, { id: '1' });
const never: RequestListener = () => {};

/** Fails so often, then answers. */
const failing = (times: number, failure: RequestListener): RequestListener => {
  let left = times;
  return (request, response) => (left-- > 0 ? failure(request, response) : ok(request, response));
};

async function failure(call: Promise<unknown>): Promise<ServiceError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ServiceError, `a ServiceError, not ${error}`);
  return error;
}

test('a passing fault is retried, where repeating is safe', async (t) => {
  const upstream = await startUpstream(t, failing(2, json(503, {})));
  const { http } = startClient(t, upstream.url);
  assert.deepEqual(await http.get('/things/1'), { id: '1' });
  assert.equal(upstream.requests.length, 3);

  upstream.answer = failing(1, json(503, {}));
  assert.equal((await failure(http.post('/things', { body: {} }))).status, 503);
  assert.equal(upstream.requests.length, 4, 'a POST is sent once');

  upstream.answer = failing(2, json(503, {}));
  await http.post('/things', { body: {}, idempotencyKey: 'key-1' });
  assert.deepEqual(
    upstream.requests.slice(4).map(({ headers }) => headers['idempotency-key']),
    ['key-1', 'key-1', 'key-1'],
  );
});

test('4xx and 501 are not retried', async (t) => {
  const upstream = await startUpstream(t, json(409, {}));
  const { http } = startClient(t, upstream.url);
  for (const status of [400, 404, 409, 501]) {
    upstream.answer = json(status, {});
    assert.equal((await failure(http.get('/'))).status, status);
  }
  assert.equal(upstream.requests.length, 4);
});

test('a redirect is no success: it is not followed, and nothing was done', async (t) => {
  const upstream = await startUpstream(t, json(200, {}));
  const { http, circuits } = startClient(t, upstream.url);
  for (const status of [301, 302, 303, 304, 307, 308]) {
    upstream.answer = json(status, {});
    const { reason, status: answered } = await failure(http.post('/things', { body: {}, idempotencyKey: 'key-1' }));
    assert.deepEqual({ reason, answered }, { reason: 'status', answered: status });
  }
  assert.equal(upstream.requests.length, 6, 'it will not go away by itself');
  assert.deepEqual(circuits, []);
});

test('Retry-After is honoured, unless it goes past the deadline', async (t) => {
  const upstream = await startUpstream(t, failing(1, json(429, {}, { 'retry-after': '1' })));
  const { http } = startClient(t, upstream.url, { deadlineMs: 30_000 });
  const started = performance.now();
  await http.get('/');
  assert.ok(performance.now() - started >= 990, 'it waited a second');

  upstream.answer = failing(1, json(503, {}, { 'retry-after': '60' }));
  assert.equal((await failure(http.get('/'))).retryAfterMs, 60_000);
  assert.equal(upstream.requests.length, 3, 'nobody waits past the deadline');

  const now = Date.parse('2030-01-01T00:00:00Z');
  assert.equal(parseRetryAfter('Tue, 01 Jan 2030 00:00:05 GMT', now), 5_000);
  assert.equal(parseRetryAfter('soon', now), undefined);
});

test('retries have a budget: 300 failing calls do not become 900', async (t) => {
  const upstream = await startUpstream(t, json(503, {}));
  const { http } = startClient(t, upstream.url, { breakerFailures: 1_000_000, deadlineMs: 60_000, attemptMs: 30_000 });
  const calls = Array.from({ length: 300 }, () => failure(http.get('/')));
  await Promise.all(calls.slice(0, 150));
  await Promise.all(calls);
  assert.ok(upstream.requests.length <= 345, `${upstream.requests.length} requests`);
});

test('an attempt that hangs is given up, and the deadline ends the call', async (t) => {
  const upstream = await startUpstream(t, never);
  const { http } = startClient(t, upstream.url, { attemptMs: 1_000, deadlineMs: 60_000 });
  upstream.answer = failing(1, never);
  assert.deepEqual(await http.get('/'), { id: '1' });

  const impatient = startClient(t, upstream.url, { attemptMs: 60_000, deadlineMs: 100 });
  upstream.answer = never;
  const error = await failure(impatient.http.get('/'));
  assert.deepEqual([error.reason, error.statusCode], ['timeout', 504]);
});

test('a body that never ends is within the deadline too', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.writeHead(200).write('{'));
  const { http } = startClient(t, upstream.url, { attemptMs: 50, retries: 0 });
  assert.equal((await failure(http.get('/'))).reason, 'timeout');
});

test('the bulkhead refuses what would only pile up, and frees its places', async (t) => {
  const held: (() => void)[] = [];
  const upstream = await startUpstream(t, (request, response) => void held.push(() => ok(request, response)));
  const { http } = startClient(t, upstream.url, { maxConcurrent: 2, maxQueued: 1 });
  const calls = [http.get('/'), http.get('/'), http.get('/')];
  const refused = await failure(http.get('/'));
  assert.deepEqual([refused.reason, refused.statusCode], ['saturated', 503]);

  await eventually('two calls are under way', () => held.length === 2);
  for (const answer of held) answer();
  await eventually('the third has its turn', () => held.length === 3);
  held[2]?.();
  assert.equal((await Promise.all(calls)).length, 3);
});

test('a ServiceError tells service, status, problem document and cause', async (t) => {
  const problem = { type: '/problems/card-expired', title: 'The card has expired', status: 422 };
  const upstream = await startUpstream(t, json(422, problem));
  const { http } = startClient(t, upstream.url, { retries: 0 });
  const refused = await failure(http.post('/charges', { body: {} }));
  assert.deepEqual([refused.service, refused.status, refused.reason, refused.statusCode], ['peer', 422, 'status', 502]);
  assert.deepEqual(refused.problem, problem);

  upstream.answer = (request) => request.socket.destroy();
  const broken = await failure(http.get('/'));
  assert.equal(broken.reason, 'network');
  assert.ok(broken.cause instanceof Error);
});

test('an answer other than agreed is an error at the border, not deep inside', async (t) => {
  const upstream = await startUpstream(t, json(200, { id: 7 }));
  const { http } = startClient(t, upstream.url);
  const Thing = Type.Object({ id: Type.String() });
  assert.equal((await failure(http.get('/', { response: Thing }))).reason, 'response');
  upstream.answer = json(200, { id: '7', more: 'than agreed' });
  assert.equal((await http.get('/', { response: Thing })).id, '7');
});

test('a bearer token comes from its provider, or from the file in the settings', async (t) => {
  const upstream = await startUpstream(t, ok);
  await startClient(t, upstream.url, {}, async () => 'given').http.get('/');
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'token'), 'mounted\n');
  await startClient(t, upstream.url, { tokenFile: join(folder, 'token') }).http.get('/');
  assert.deepEqual(
    upstream.requests.map(({ headers }) => headers.authorization),
    ['Bearer given', 'Bearer mounted'],
  );
});

test('several addresses take turns', async (t) => {
  const [left, right] = [await startUpstream(t, ok), await startUpstream(t, ok)];
  const { http } = startClient(t, left.url, { urls: [new URL(left.url), new URL(`${right.url}/base`)] });
  for (let i = 0; i < 4; i++) await http.get('/things', { query: { q: 'a b' } });
  assert.deepEqual(
    [left.requests, right.requests].map((requests) => requests.map(({ url }) => url)),
    [Array(2).fill('/things?q=a+b'), Array(2).fill('/base/things?q=a+b')],
  );
});

test('a service without a client of its own is called and watched all the same', async (t) => {
  const upstream = await startUpstream(t, ok);
  const { app, url } = await startApp(t, { env: { FAR_AWAY_URL: upstream.url } });
  const notCalled = { status: 'unknown', reason: 'not called yet', circuit: 'closed' };
  assert.equal(app.http('far-away'), app.http('far-away'));
  assert.deepEqual((await untilHealth(url, 'healthy')).checks['far-away'], notCalled);
  await untilReady(url);
  assert.deepEqual(await app.http('far-away').get('/things/1'), { id: '1' });
  assert.deepEqual((await untilHealth(url, 'healthy')).checks['far-away'], { status: 'healthy', circuit: 'closed' });
});
