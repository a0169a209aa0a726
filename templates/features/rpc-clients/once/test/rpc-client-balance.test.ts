import assert from 'node:assert/strict';
import { promises as dns } from 'node:dns';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { parseTarget } from '../src/platform/rpc-client/target.ts';
import { eventually } from './support/eventually.ts';
import { startRpcClient } from './support/rpc-client.ts';
import { startRpcUpstream } from './support/rpc-upstream.ts';

const again = { idempotencyKey: 'k' };

test('calls are shared out evenly, and one that is killed loses none that may be repeated', async (t) => {
  const upstreams = await Promise.all(Array.from({ length: 3 }, () => startRpcUpstream(t)));
  const { echo, seen } = startRpcClient(
    t,
    upstreams.map(({ port }) => port),
  );
  await eventually('all are connected', async () => {
    await echo.say({});
    return upstreams.every(({ calls }) => calls.length > 0);
  });
  const before = upstreams.map(({ calls }) => calls.length);
  for (let i = 0; i < 90; i++) await echo.say({});
  const shares = upstreams.map(({ calls }, i) => calls.length - (before[i] as number));
  // With a configuration that is ignored, one of them has all.
  assert.ok(
    shares.every((share) => share >= 25 && share <= 35),
    shares.join(),
  );

  upstreams[0]?.kill();
  for (let i = 0; i < 60; i++) await echo.say({}, again);
  assert.ok(!seen.outcomes.some((outcome) => outcome !== 'ok'), seen.outcomes.join());
});

test('one that fails is left out for a while, and the others have its share', async (t) => {
  const upstreams = await Promise.all(Array.from({ length: 3 }, () => startRpcUpstream(t)));
  const [bad] = upstreams;
  assert.ok(bad);
  bad.say = (_, answer) => answer({ code: status.UNAVAILABLE, details: 'not now' });
  const ports = upstreams.map(({ port }) => port);
  const { echo } = startRpcClient(t, ports, { breakerFailures: 1_000 });
  const isLeftOut = async (): Promise<boolean> => {
    const before = bad.calls.length;
    for (let i = 0; i < 30; i++) await echo.say({}).catch(() => undefined);
    return bad.calls.length === before;
  };
  await eventually('it is left out', isLeftOut);
});

test('one that answers is not left out for what it answers', async (t) => {
  const upstreams = await Promise.all(Array.from({ length: 2 }, () => startRpcUpstream(t)));
  for (const upstream of upstreams)
    upstream.say = (_, answer) => answer({ code: status.NOT_FOUND, details: 'no such words' });
  const { echo } = startRpcClient(
    t,
    upstreams.map(({ port }) => port),
  );
  await eventually('both are asked', async () => {
    await echo.say({}).catch(() => undefined);
    return upstreams.every(({ calls }) => calls.length > 0);
  });
  const before = upstreams.map(({ calls }) => calls.length);
  for (let i = 0; i < 40; i += 1) await echo.say({}).catch(() => undefined);
  assert.deepEqual(
    upstreams.map(({ calls }, i) => calls.length - (before[i] as number)),
    [20, 20],
  );
});

test('names are looked up anew after a while, also while all goes well, and nothing under way is lost', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo } = startRpcClient(t, [upstream.port], {
    connectionMaxAgeMs: 50,
    attemptMs: 60_000,
    deadlineMs: 60_000,
  });
  let release = () => {};
  upstream.say = ({ request }, answer) => {
    release = () => answer(null, request);
  };
  const slow = echo.say({ text: 'slow' });
  await eventually('it arrives', () => upstream.calls.length === 1);
  const first = release;
  const peers = new Set<string>();
  upstream.say = (call, answer) => {
    peers.add(call.getPeer());
    answer(null, call.request);
  };
  await eventually('connections more', async () => {
    await echo.say({});
    return peers.size > 2;
  });
  first();
  assert.equal((await slow).text, 'slow');
});

test('neither a proxy of the environment nor a TXT record has a say', async (t) => {
  for (const name of ['http_proxy', 'grpc_proxy', 'https_proxy']) {
    process.env[name] = 'http://127.0.0.1:9';
    t.after(() => delete process.env[name]);
  }
  const txt = t.mock.method(dns, 'resolveTxt');
  const { port } = await startRpcUpstream(t);
  const { echo } = startRpcClient(t, [], { target: parseTarget(`grpc://localhost:${port}`) });
  assert.equal((await echo.say({ text: 'straight' })).text, 'straight');
  assert.equal(txt.mock.callCount(), 0);
});
