import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publish } from '../src/platform/events/outbox.ts';
import { startTracing } from '../src/platform/tracing/start.ts';
import { startApp } from './support/app.ts';
import { testBroker } from './support/broker.ts';
import { startCollector } from './support/collector.ts';
import { counted, published, startConsumer } from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';
import { json, startUpstream } from './support/upstream.ts';

test('one trace and one correlation id: request, event, handler, and the call that the handler makes', async (t) => {
  const collector = await startCollector(t);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const tracing = await startTracing(process.env);
  const upstream = await startUpstream(t, json(200, {}));
  const broker = await testBroker();
  const { app, url, logs } = await startApp(t, {
    env: { ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10' },
    extend: async (app) => {
      app.post('/change', () =>
        app.database.transaction((tx) => publish(tx, counted, { key: 'traced', n: 1 }, { key: 'traced' })),
      );
    },
  });
  await startConsumer(t, app, {
    async handle(_event, { log }) {
      log.info('handling');
      await (await fetch(upstream.url)).text();
    },
  });

  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-correlation-id': 'order-4711' };
  await fetch(`${url}/change`, { method: 'POST', headers });
  const call = await eventually('the handler has called', () => upstream.requests[0]);
  const [message] = await published(app, counted.subject);
  await app.close();
  await tracing.shutdown();

  const find = (name: string, kind: number) => {
    const span = collector.spans.find((one) => one.traceId === traceId && one.name === name && one.kind === kind);
    assert.ok(span, `${name} in ${collector.spans.map((one) => one.name)}`);
    return span;
  };
  const request = find('POST /change', 2);
  const created = find('create tests.counted', 4);
  const handled = find('process tests.counted', 5);
  const outgoing = collector.spans.find(
    ({ kind, attributes }) => kind === 3 && attributes['url.full'] === `${upstream.url}/`,
  );
  assert.equal(created.parentSpanId, request.spanId);
  assert.equal(message?.headers.traceparent, `00-${traceId}-${created.spanId}-01`);
  assert.equal(handled.parentSpanId, created.spanId);
  assert.equal(handled.attributes['messaging.message.id'], message?.headers['ce-id']);
  assert.equal(outgoing?.parentSpanId, handled.spanId);
  assert.equal(call.headers.traceparent, `00-${traceId}-${outgoing?.spanId}-01`);

  assert.equal(message?.headers['x-correlation-id'], 'order-4711');
  assert.equal(call.headers['x-correlation-id'], 'order-4711');
  const line = logs.find(({ msg }) => msg === 'handling');
  assert.deepEqual([line?.trace_id, line?.span_id, line?.correlation_id], [traceId, handled.spanId, 'order-4711']);
});
