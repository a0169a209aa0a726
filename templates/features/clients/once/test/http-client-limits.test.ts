import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { path } from '../src/platform/http-client/path.ts';
import type { ServiceError } from '../src/platform/http-client/service-error.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { startClient } from './support/client.ts';
import { eventually } from './support/eventually.ts';
import { startLoad } from './support/load.ts';
import { json, startUpstream } from './support/upstream.ts';

const ok = json(200, { id: '1' });
const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error) => (error as ServiceError).reason,
  );

/** What a Service of Kubernetes is: one address that chooses a replica for each connection, in turn. */
async function startBalancer(t: TestContext, replicas: string[]): Promise<string> {
  let turn = 0;
  const server = createServer((inbound) => {
    const replica = new URL(replicas[turn++ % replicas.length] as string);
    const outbound = connect(Number(replica.port), replica.hostname);
    inbound.pipe(outbound).pipe(inbound);
    for (const [socket, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const)
      socket.on('error', () => {}).on('close', () => other.destroy());
    t.after(() => inbound.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a new replica gets its share of the calls, though no connection ever rests', async (t) => {
  const [old, young] = [await startUpstream(t, ok), await startUpstream(t, ok)];
  const replicas = [old.url];
  const { http } = startClient(t, await startBalancer(t, replicas), { connectionMaxAgeMs: 50 });
  const { finish } = startLoad(t, () => http.get('/'), 4);
  await eventually('the old one is at work', () => old.requests.length > 50);
  replicas.push(young.url);
  await eventually('the new one is too', () => young.requests.length > 50);
  assert.deepEqual(await finish(), []);
});

test('who hangs up ends the calls that were made for it; those that nobody waits for go on', async (t) => {
  const upstream = await startUpstream(t, () => {});
  const { url } = await startApp(t, {
    env: { FAR_AWAY_URL: upstream.url, FAR_AWAY_DEADLINE_MS: '60000' },
    extend: async (extended) => {
      extended.post('/relay', async () => {
        const http = extended.http('far-away');
        await Promise.all([http.get('/for-the-caller'), http.post('/for-us', { signal: null })]);
      });
    },
  });
  const caller = new AbortController();
  const call = fetch(`${url}/relay`, { method: 'POST', body: '{}', signal: caller.signal, ...jsonType });
  await eventually('both calls arrive', () => upstream.requests.length === 2);
  const closed = new Set<string | undefined>();
  for (const request of upstream.requests) request.socket.once('close', () => closed.add(request.url));
  caller.abort();
  await assert.rejects(call);
  await eventually('the first is ended', () => closed.has('/for-the-caller'));
  assert.ok(!closed.has('/for-us'));
});

test('how long the caller waits goes along, and ends our own call', async (t) => {
  const upstream = await startUpstream(t, () => {});
  const env = { FAR_AWAY_URL: upstream.url, FAR_AWAY_DEADLINE_MS: '30000', FAR_AWAY_ATTEMPT_MS: '20000' };
  const { url } = await startApp(t, {
    env,
    extend: async (extended) => {
      extended.get('/relay', async () => extended.http('far-away').get('/'));
    },
  });
  const response = await fetch(`${url}/relay`, { headers: { 'x-request-timeout-ms': '400' } });
  assert.equal(response.status, 504);
  const told = Number(upstream.requests[0]?.headers['x-request-timeout-ms']);
  assert.ok(told > 0 && told <= 400, `${told} ms`);

  const late = await fetch(`${url}/relay`, { headers: { 'x-request-timeout-ms': '0' } });
  assert.equal(late.status, 504);
  assert.equal(upstream.requests.length, 1, 'where no time is left nobody is asked');
});

test('our own 503 says when to come back', async (t) => {
  const upstream = await startUpstream(t, (request) => request.socket.destroy());
  const { url } = await startApp(t, {
    env: { FAR_AWAY_URL: upstream.url, FAR_AWAY_RETRIES: '0', FAR_AWAY_BREAKER_OPEN_MS: '45000' },
    extend: async (extended) => {
      extended.get('/relay', async () => extended.http('far-away').get('/'));
    },
  });
  const answer = async () => {
    const { status, headers } = await fetch(`${url}/relay`);
    return { status, retryAfter: Number(headers.get('retry-after')) };
  };
  for (let i = 0; i < 5; i++) assert.deepEqual(await answer(), { status: 502, retryAfter: 0 });
  const { status, retryAfter } = await answer();
  assert.equal(status, 503);
  assert.ok(retryAfter > 0 && retryAfter <= 45, `${retryAfter} s`);
});

test('an answer without an end is refused at its limit, and is no outage', async (t) => {
  let sent = 0;
  const upstream = await startUpstream(t, (_request, response) => {
    const write = () => {
      if (response.destroyed) return;
      sent += 65_536;
      response.write(Buffer.alloc(65_536, ' '), write);
    };
    response.writeHead(status);
    write();
  });
  let status = 200;
  const { http } = startClient(t, upstream.url, { maxAnswerBytes: 1_000_000, deadlineMs: 60_000, attemptMs: 60_000 });
  for (let i = 0; i < 6; i++) assert.equal(await reasonOf(http.get('/')), 'response');
  assert.equal(upstream.requests.length, 6, 'it is not asked again');
  assert.equal(http.circuit, 'closed');
  assert.ok(sent < 200_000_000, `${sent} bytes`);

  status = 503;
  const error = (await http.post('/').catch((reason: unknown) => reason)) as ServiceError;
  assert.deepEqual([error.reason, error.status, error.problem], ['status', 503, undefined]);
});

test('an id cannot change the host, leave its place in the path, or be none', async (t) => {
  const upstream = await startUpstream(t, ok);
  const stranger = await startUpstream(t, ok);
  const { http } = startClient(t, `${upstream.url}/base`);
  const { host } = new URL(stranger.url);
  for (const id of ['a/b', '../admin', `//${host}/`, '%2e%2e', 'a?b#c', 'ä', '...', '.a', `@${host}`])
    assert.equal(await reasonOf(http.get(path`/v1/things/${id}/parts`)), 'ok', id);
  const asked = upstream.requests.map(({ url }) => url ?? '');
  for (const url of asked) assert.match(url, /^\/base\/v1\/things\/[^/?]+\/parts$/);
  assert.equal(new Set(asked).size, 9);

  for (const id of ['', '.', '..']) assert.equal(await reasonOf(http.get(path`/v1/things/${id}`)), 'path', id);
  const careless = [`//${host}/`, `/\\${host}/`, `\\\\${host}/`, `@${host}/`, `http://${host}/`, '', 'things'];
  for (const target of [...careless, '/../admin', '/a/%2E%2e/b', '/a/.%2e', '/a/..?b', '/a\\..\\b', '/./a'])
    assert.equal(await reasonOf(http.get(target)), 'path', target);
  assert.deepEqual([upstream.requests.length, stranger.requests.length], [9, 0]);
});

test('what our caller sent for an id and is none is its own mistake', async (t) => {
  const { url } = await startApp(t, {
    extend: async (extended) => {
      extended.get('/relay', async () => {
        const http = extended.http('peer');
        await http.get(path`/things/${'..'}`);
      });
    },
  });
  const response = await fetch(`${url}/relay`);
  assert.equal(response.status, 400);
  assert.match((await bodyOf(response)).detail, /no path of it/);
});

const jsonType = { headers: { 'content-type': 'application/json' } };
