import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  Health,
  HealthCheckResponse_ServingStatus as Serving,
} from '../src/platform/rpc/standard/grpc/health/v1/health_pb.ts';
import { startApp } from './support/app.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { callsTo } from './support/rpc.ts';

const { check, watch } = Health.method;

test('the health service says what /health/ready says, for the server and each of its services', async (t) => {
  let isWell = true;
  const { app, url, logs } = await startApp(t, {
    extend: async (extended) => {
      await serveEcho()(extended);
      extended.health.add('shelf', async () => {
        if (!isWell) throw new Error('it fell down');
        return undefined;
      });
    },
  });
  await untilReady(url);
  const calls = callsTo(t, app.rpc.port);
  const told = async (service = '') => (await calls.unary(check, { service })).message.status;
  assert.equal(await told(), Serving.SERVING);
  assert.equal(await told(EchoService.typeName), Serving.SERVING);
  await assert.rejects(told('nobody.v1.NobodyService'), { code: status.NOT_FOUND });

  const seen: Serving[] = [];
  const watched = calls.watch(watch, { service: EchoService.typeName });
  watched.on('data', ({ status: now }) => seen.push(now)).on('error', () => {});
  await eventually('the first', () => seen.length === 1);
  isWell = false;
  assert.equal(await told(), Serving.NOT_SERVING);
  await eventually('the second', () => seen.length === 2);
  assert.deepEqual(seen, [Serving.SERVING, Serving.NOT_SERVING]);
  watched.cancel();

  const unknown = calls.watch(watch, { service: 'nobody.v1.NobodyService' }).on('error', () => {});
  assert.equal(
    (await new Promise<{ status: Serving }>((resolve) => unknown.once('data', resolve))).status,
    Serving.SERVICE_UNKNOWN,
  );
  unknown.cancel();
  assert.ok(!logs.some(({ msg }) => msg === 'call'), 'probes leave no line');
});
