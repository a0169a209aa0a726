import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { KeptList } from '../src/platform/discovery/kept-list.ts';
import { ServiceError } from '../src/platform/http-client/service-error.ts';
import { offerList } from '../src/platform/rpc-client/list-resolver.ts';
import { locate } from '../src/platform/rpc-client/locate.ts';
import { RpcCaller } from '../src/platform/rpc-client/rpc-caller.ts';
import { rpcClientSettings } from '../src/platform/rpc-client/settings.ts';
import { startApp } from './support/app.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { eventually } from './support/eventually.ts';
import { listSource } from './support/list-source.ts';
import { startRpcClient } from './support/rpc-client.ts';
import { type RpcUpstream, startRpcUpstream } from './support/rpc-upstream.ts';

const again = { idempotencyKey: 'k' };
const originOf = ({ port }: RpcUpstream) => `http://127.0.0.1:${port}`;

function startClient(t: TestContext, ...origins: string[]) {
  const source = listSource(...origins);
  const list = new KeptList(source);
  const { name, withdraw } = offerList({ service: 'peer', list, refresh: source.refresh, authority: 'peer-rpc:50051' });
  const client = startRpcClient(t, [1], {
    target: { name, isSecure: false },
    breakerFailures: 1_000_000,
    attemptMs: 60_000,
    deadlineMs: 60_000,
  });
  t.after(withdraw);
  return { source, ...client };
}

test('all instances of the list take turns; who is new is called, and who left is not', async (t) => {
  const [a, b, c] = [await startRpcUpstream(t), await startRpcUpstream(t), await startRpcUpstream(t)];
  const { source, echo, seen } = startClient(t, originOf(a), originOf(b));
  await eventually('both are called', async () => {
    await echo.say({});
    return a.calls.length > 0 && b.calls.length > 0;
  });
  assert.equal(a.calls[0]?.getHost(), 'peer-rpc:50051', 'they are asked as the service that they are');

  source.set([originOf(b), originOf(c)]);
  await eventually('the new one is called', async () => {
    await echo.say({});
    return c.calls.length > 0;
  });
  const before = a.calls.length;
  for (let i = 0; i < 30; i += 1) await echo.say({});
  assert.equal(a.calls.length, before);
  assert.ok(
    seen.outcomes.every((outcome) => outcome === 'ok'),
    seen.outcomes.join(),
  );
});

test('one that is killed while the list is late loses nothing that may be repeated', async (t) => {
  const upstreams = [await startRpcUpstream(t), await startRpcUpstream(t), await startRpcUpstream(t)] as const;
  const { source, echo, seen } = startClient(t, ...upstreams.map(originOf));
  await eventually('all are called', async () => {
    await echo.say({}, again);
    return upstreams.every(({ calls }) => calls.length > 0);
  });
  upstreams[0].kill();
  for (let i = 0; i < 100; i += 1) await echo.say({}, again);
  assert.ok(source.refreshed > 0, 'it is looked again');
  assert.ok(
    seen.outcomes.every((outcome) => outcome === 'ok'),
    seen.outcomes.join(),
  );
});

test('an instance that is gone and stays in the list makes nobody busy', async (t) => {
  const [gone, upstream] = [await startRpcUpstream(t), await startRpcUpstream(t)];
  const { source, echo } = startClient(t, originOf(gone), originOf(upstream));
  const begun = performance.now();
  const { refresh } = source;
  source.refresh = () => {
    refresh();
    // The list is read, and is what it was.
    setImmediate(() => source.set([originOf(gone), originOf(upstream)]));
  };
  await eventually('both are called', async () => {
    await echo.say({}, again);
    return gone.calls.length > 0 && upstream.calls.length > 0;
  });
  gone.kill();
  await eventually('it is looked again', async () => {
    await echo.say({}, again);
    return source.refreshed > 1;
  });
  for (let i = 0; i < 100; i += 1) await echo.say({}, again);
  // Once a second, and once for each of the two that found it gone at the same moment.
  assert.ok(source.refreshed <= (performance.now() - begun) / 1_000 + 2, `${source.refreshed} times`);
});

test('nobody there, or nobody knows where, is said; and it goes on when somebody comes', async (t) => {
  const { source, echo } = startClient(t);
  const why = async () => {
    const error = await echo.say({}).catch((reason: unknown) => reason);
    assert.ok(error instanceof ServiceError, `${error}`);
    return error.message;
  };
  const early = why();
  source.fail(new Error('the registry is away'));
  assert.match(await early, /where peer is cannot be told: the registry is away/);
  source.set([]);
  await eventually('it is empty', async () => /peer has no instance at present/.test(await why()));
  const upstream = await startRpcUpstream(t);
  source.set([originOf(upstream)]);
  await eventually('it is called', () =>
    echo.say({}).then(
      () => true,
      () => false,
    ),
  );
});

test('the settings choose how instances are found, for gRPC as for HTTP', async (t) => {
  const [a, b] = [await startRpcUpstream(t), await startRpcUpstream(t)];
  const env = {
    PEER_RPC_URL: `grpc://127.0.0.1:${a.port},grpc://127.0.0.1:${b.port}`,
    PEER_DISCOVERY: 'static',
    PEER_ATTEMPT_MS: '60000',
    PEER_DEADLINE_MS: '60000',
  };
  const { app } = await startApp(t, { env });
  const location = locate(app, 'peer', rpcClientSettings('PEER', { url: 'grpc://peer-rpc:50051' })(app.env));
  t.after(() => location.close());
  const observer = { circuitChanged() {}, retrying() {}, finished() {} };
  const rpc = new RpcCaller({ service: 'peer', settings: location.settings, observer });
  t.after(() => rpc.close());
  await eventually('both are called', async () => {
    await rpc.client(EchoService).say({});
    return a.calls.length > 0 && b.calls.length > 0;
  });
  assert.deepEqual(location.health(), { discovery: 'static', instances: 2 });
  assert.match(await app.metrics.metrics(), /discovery_instances\{peer_service="peer"\} 2/);
});
