import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { startTracing } from '../src/platform/tracing/start.ts';
import { startApp } from './support/app.ts';
import { startCollector } from './support/collector.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { callsTo } from './support/rpc.ts';
import { json, startUpstream } from './support/upstream.ts';

const { say, repeat } = EchoService.method;

test('a trace comes in by gRPC and goes on by HTTP; its line, its metric and its headers tell whose it is', async (t) => {
  const collector = await startCollector(t);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const tracing = await startTracing(process.env);
  const upstream = await startUpstream(t, json(200, {}));
  const ask = async ({ text }: { text: string }) => {
    if (text === 'break') throw new TypeError('no');
    return (await fetch(upstream.url)).text();
  };
  async function* askTwice() {
    for (let i = 0; i < 2; i++) yield (await fetch(upstream.url)).text();
  }
  const { app, logs } = await startApp(t, { extend: serveEcho(ask, askTwice) });
  const calls = callsTo(t, app.rpc.port);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const metadata = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-correlation-id': 'order-7' };

  const { headers } = await calls.unary(say, { text: 'ask' }, { metadata });
  assert.deepEqual(headers.get('x-correlation-id'), ['order-7']);
  await calls.watch(repeat, {}, { metadata }).toArray();
  await assert.rejects(calls.unary(say, { text: 'break' }), { code: status.INTERNAL });
  await tracing.shutdown();

  const servers = collector.spans.filter(({ kind }) => kind === 2);
  assert.deepEqual(
    servers.map(({ name }) => name),
    ['test.echo.v1.EchoService/Say', 'test.echo.v1.EchoService/Repeat', 'test.echo.v1.EchoService/Say'],
  );
  const [server, stream, broken] = servers;
  assert.ok(server && stream && broken);
  assert.deepEqual([server.traceId, server.parentSpanId], [traceId, '00f067aa0ba902b7']);
  assert.equal(server.attributes['rpc.system'], 'grpc');
  assert.equal(Number(server.attributes['rpc.grpc.status_code']), status.OK);
  const childrenOf = (spanId: string) => collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId).length;
  assert.deepEqual([childrenOf(server.spanId), childrenOf(stream.spanId)], [1, 2]);
  assert.equal(upstream.requests[0]?.headers['x-correlation-id'], 'order-7');
  assert.deepEqual([broken.status.code, broken.events.map(({ name }) => name)], [2, ['exception']]);

  const [line] = logs.filter(({ msg }) => msg === 'call');
  assert.ok(line);
  assert.deepEqual(
    [line.rpc_service, line.rpc_method, line.rpc_status, line.trace_id, line.span_id, line.correlation_id],
    [EchoService.typeName, 'Say', 'OK', traceId, server.spanId, 'order-7'],
  );
  const metrics = await app.metrics.metrics();
  assert.match(
    metrics,
    /rpc_server_call_duration_seconds_count\{rpc_service="test.echo.v1.EchoService",rpc_method="Say",rpc_grpc_status_code="0"\} 1/,
  );
});
