import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { withSpan } from '../src/platform/tracing/span.ts';
import { startTracing } from '../src/platform/tracing/start.ts';
import { startApp } from './support/app.ts';
import { startCollector } from './support/collector.ts';
import { eventually } from './support/eventually.ts';
import { json, startUpstream } from './support/upstream.ts';

test('a trace comes in, goes through and goes out, and the log lines carry its ids', async (t) => {
  const collector = await startCollector(t);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const tracing = await startTracing(process.env);
  const upstream = await startUpstream(t, json(200, {}));
  let arrived = false;
  const { url, logs } = await startApp(t, {
    extend: async (app) => {
      app.post('/relay/:id', async (request) => {
        request.log.info('relaying');
        await withSpan('ask upstream', { attributes: { 'relay.id': 7 } }, async () =>
          (await fetch(upstream.url)).text(),
        );
        return {};
      });
      app.post('/slow', () => {
        arrived = true;
        return new Promise(() => {});
      });
      app.get('/broken', () => withSpan('break', {}, async () => Promise.reject(new TypeError('no'))));
    },
  });

  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await fetch(`${url}/relay/7?secret=1`, {
    method: 'POST',
    headers: {
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      'x-correlation-id': 'order-7',
      'content-type': 'application/json',
    },
    body: '{}',
  });
  await fetch(`${url}/broken`);
  await fetch(`${url}/health`);
  await (await fetch(upstream.url)).text();
  await withSpan('poll', { kind: SpanKind.CLIENT }, async () => undefined);
  const caller = new AbortController();
  const left = fetch(`${url}/slow`, { method: 'POST', body: 'a', signal: caller.signal });
  await eventually('the request arrives', () => arrived);
  caller.abort();
  await assert.rejects(left);
  await eventually('its line', () => logs.some(({ status }) => status === 499));
  await tracing.shutdown();

  const find = (name: string, kind: number) => {
    const span = collector.spans.find((candidate) => candidate.name === name && candidate.kind === kind);
    assert.ok(span, `${name} in ${collector.spans.map((candidate) => candidate.name)}`);
    return span;
  };
  const server = find('POST /relay/:id', 2);
  const own = find('ask upstream', 1);
  const client = collector.spans.find(({ kind, parentSpanId }) => kind === 3 && parentSpanId === own.spanId);
  assert.ok(client, 'a client span under the own span');
  assert.deepEqual([server.traceId, server.parentSpanId], [traceId, '00f067aa0ba902b7']);
  assert.deepEqual([own.traceId, own.parentSpanId], [traceId, server.spanId]);
  assert.equal(upstream.requests[0]?.headers.traceparent, `00-${traceId}-${client.spanId}-01`);
  assert.equal(upstream.requests[0]?.headers['x-correlation-id'], 'order-7');

  assert.equal(server.attributes['url.path'], '/relay/7');
  assert.equal(server.attributes['http.route'], '/relay/:id');
  assert.equal(server.attributes['http.response.status_code'], 200);
  assert.equal(client.attributes['http.response.status_code'], 200);

  const ids = logs.filter(({ msg }) => msg === 'relaying' || msg === 'request').slice(0, 2);
  assert.deepEqual(
    ids.map(({ trace_id, span_id }) => [trace_id, span_id]),
    [
      [traceId, server.spanId],
      [traceId, server.spanId],
    ],
  );

  const broken = find('GET /broken', 2);
  assert.equal(broken.status.code, 2);
  for (const span of [broken, find('break', 1)]) assert.ok(span.events.some(({ name }) => name === 'exception'));
  assert.ok(!collector.spans.some(({ name }) => name.includes('/health')), 'probes are not traced');
  const abandoned = find('POST /slow', 2);
  assert.equal(abandoned.attributes['http.response.status_code'], 499);
  assert.deepEqual(
    collector.spans.filter(({ kind, parentSpanId }) => kind === 3 && !parentSpanId),
    [],
    'what belongs to nothing is not traced',
  );
});
