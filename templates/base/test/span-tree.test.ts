import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { SpanTree } from '../src/platform/tracing/span-tree.ts';

test('a finished trace is printed as a tree, with what failed in it', () => {
  let printed = '';
  const tree = new SpanTree((text) => {
    printed += text;
  });
  const tracer = new BasicTracerProvider({ spanProcessors: [tree] }).getTracer('test');

  const server = tracer.startSpan('POST /v1/orders', { kind: SpanKind.SERVER });
  const inServer = trace.setSpan(context.active(), server);
  const own = tracer.startSpan('reserve stock', {}, inServer);
  const client = tracer.startSpan('GET', { kind: SpanKind.CLIENT }, trace.setSpan(inServer, own));
  client.setStatus({ code: SpanStatusCode.ERROR, message: 'refused' });
  client.end();
  own.end();
  assert.equal(printed, '', 'nothing before the trace is finished');
  server.setAttribute('http.response.status_code', 502);
  server.end();

  assert.equal(
    printed.replace(/[\d.]+ ms/g, 'ms'),
    '▶ POST /v1/orders 502 ms\n  · reserve stock ms\n    → GET ms ✗ refused\n',
  );
});
