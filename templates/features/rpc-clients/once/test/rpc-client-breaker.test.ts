import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { ServiceError } from '../src/platform/http-client/service-error.ts';
import { defineRpcClient } from '../src/platform/rpc-client/define-rpc-client.ts';
import { rpcClientSettings } from '../src/platform/rpc-client/settings.ts';
import { startApp } from './support/app.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { untilHealth, untilReady } from './support/health.ts';
import { startRpcClient } from './support/rpc-client.ts';
import { startRpcUpstream } from './support/rpc-upstream.ts';

const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error) => (error as ServiceError).reason,
  );

test('five outages in a row open the circuit, after 30 s one probe closes it: told in health, log and metrics', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const upstream = await startRpcUpstream(t);
  let echo: { say: (request: object) => Promise<unknown> } | undefined;
  const { app, url, logs } = await startApp(t, {
    env: { PEER_RPC_URL: `grpc://127.0.0.1:${upstream.port}` },
    extend: async (extended) => {
      const client = defineRpcClient({
        service: 'peer',
        property: 'peer',
        settings: rpcClientSettings('PEER', { url: 'grpc://peer-rpc:50051' }),
        create: (rpc) => rpc.client(EchoService),
      });
      echo = client.open(extended);
    },
  });
  assert.ok(echo);
  const circuit = async (expected: 'healthy' | 'degraded') => (await untilHealth(url, expected)).checks.peer.circuit;
  upstream.say = (_, answer) => answer({ code: status.UNAVAILABLE, details: 'not now' });
  for (let i = 0; i < 5; i++) {
    assert.equal(await circuit('healthy'), 'closed');
    await reasonOf(echo.say({}));
  }
  assert.equal(await circuit('degraded'), 'open');
  await untilReady(url);
  assert.equal(await reasonOf(echo.say({})), 'open');
  assert.equal(upstream.calls.length, 5, 'an open circuit sends nothing');
  assert.match(await app.metrics.metrics(), /rpc_client_circuit\{peer_service="peer"\} 2/);
  assert.ok(logs.some(({ peer, circuit: told, level }) => peer === 'peer' && told === 'open' && level === 'warn'));

  upstream.say = ({ request }, answer) => answer(null, request);
  t.mock.timers.tick(30_000);
  assert.equal(await reasonOf(echo.say({})), 'ok');
  assert.equal(await circuit('healthy'), 'closed');
});

test('what the service itself answers trips nothing; no room and no time do', async (t) => {
  const upstream = await startRpcUpstream(t);
  const answers = (code: status) => {
    upstream.say = (_, answer) => answer({ code, details: '' });
  };
  const { echo, rpc } = startRpcClient(t, [upstream.port]);
  const { NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS, PERMISSION_DENIED, UNAUTHENTICATED, ABORTED } = status;
  for (const code of [NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS, PERMISSION_DENIED, UNAUTHENTICATED, ABORTED]) {
    answers(code);
    for (let i = 0; i < 6; i++) await reasonOf(echo.say({}));
    assert.equal(rpc.circuit, 'closed', status[code]);
  }
  for (const code of [status.RESOURCE_EXHAUSTED, status.DEADLINE_EXCEEDED, status.UNAVAILABLE]) {
    answers(code);
    const other = startRpcClient(t, [upstream.port]);
    for (let i = 0; i < 5; i++) await reasonOf(other.echo.say({}));
    assert.equal(other.rpc.circuit, 'open', status[code]);
  }
});

test('a service may be called by gRPC and by HTTP, and its health tells of both', async (t) => {
  const { app, url } = await startApp(t, {
    extend: async (extended) => {
      const create = () => ({});
      const settings = rpcClientSettings('PEER', { url: 'grpc://peer-rpc:50051' });
      defineRpcClient({ service: 'peer', property: 'peer', settings, create }).open(extended);
    },
  });
  assert.ok(app.http('peer'));
  const { checks } = await untilHealth(url, 'healthy');
  for (const name of ['peer', 'peer (http)']) assert.equal(checks[name].circuit, 'closed', name);
});
