import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startCollector } from './support/collector.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { type ServiceProcess, spawnService, startService } from './support/process.ts';

const quickly = { OTEL_BSP_SCHEDULE_DELAY: '10' };

/** Asks for something that is traced, ends the service and waits for its end. */
async function useOnce(service: ServiceProcess): Promise<void> {
  assert.equal((await fetch(`${service.url}/nowhere`)).status, 404);
  service.child.kill('SIGTERM');
  assert.equal(await service.exited, 0, service.lines.join('\n'));
}

test('a service says of itself what OTEL_RESOURCE_ATTRIBUTES says', async (t) => {
  const collector = await startCollector(t);
  const service = await startService(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'renamed',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,service.instance.id=pod-1',
  });
  await useOnce(service);
  const [span] = collector.spans;
  assert.equal(span?.resource['service.name'], 'renamed');
  assert.equal(span?.resource['deployment.environment.name'], 'staging');
  assert.equal(span?.resource['service.instance.id'], 'pod-1');
});

test('OTEL_TRACES_EXPORTER chooses where traces go, OTEL_TRACES_SAMPLER which', async (t) => {
  const collector = await startCollector(t);
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const silent: NodeJS.ProcessEnv[] = [
    { OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_TRACES_SAMPLER: 'always_off' },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
  ];
  for (const env of silent) await useOnce(await startService(t, { ...endpoint, ...env }));
  const terminal = await startService(t, { ...endpoint, OTEL_TRACES_EXPORTER: 'console' });
  await useOnce(terminal);
  assert.ok(terminal.lines.some((line) => line.startsWith('▶ GET 404')));
  assert.deepEqual(collector.spans, []);

  await useOnce(
    await startService(t, { ...endpoint, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }),
  );
  assert.equal(collector.spans.length, 1);
});

test('a wrong one is named, and not ignored', async (t) => {
  const service = spawnService(t, {
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_TRACES_SAMPLER: 'some',
    OTEL_TRACES_SAMPLER_ARG: '2',
  });
  assert.equal(await service.exited, 1);
  for (const said of [
    'EXPORTER must be one of otlp',
    'SAMPLER must be one of',
    'SAMPLER_ARG must be a number from 0 to 1',
  ])
    assert.ok(service.lines.join('\n').includes(said), said);
});

test('an idle service sends no traces: what it polls and what asks for its health belongs to nobody', async (t) => {
  const collector = await startCollector(t);
  const service = await startService(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await untilReady(service.url);
  for (let i = 0; i < 50; i++) await fetch(`${service.url}/health`);
  await useOnce(service);
  assert.deepEqual(
    collector.spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name),
    ['GET'],
    'one trace: that of the one request',
  );
});

test('a collector that is away is one line in the log, and one when it is back', async (t) => {
  const collector = await flakyCollector(t);
  const service = await startService(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...quickly });
  const said = (text: string) => service.lines.filter((line) => line.includes(text)).length;
  const sendUntil = (what: string, condition: () => boolean) =>
    eventually(what, async () => {
      await fetch(`${service.url}/nowhere`);
      return condition();
    });
  await sendUntil('it is said', () => said('traces cannot be sent') > 0 && collector.refused > 5);
  collector.isBack = true;
  await sendUntil('the end of it is said', () => said('traces are sent again') > 0);
  assert.deepEqual([said('traces cannot be sent'), said('traces are sent again')], [1, 1]);
});

test('a collector that never answers makes no end of it: exit code 0', async (t) => {
  const held = createServer(() => {});
  await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    held.closeAllConnections();
    held.close();
  });
  const service = await startService(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(held.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    OTEL_BSP_EXPORT_TIMEOUT: '600000',
  });
  await useOnce(service);
  await eventually('it says so', () =>
    service.lines.some((line) => line.includes('the last traces could not be sent')),
  );
});

/** Refuses, for good and at once, until it is back. */
async function flakyCollector(t: TestContext) {
  const state = { url: '', refused: 0, isBack: false };
  const server = createServer((request, response) => {
    request.resume();
    if (!state.isBack) state.refused += 1;
    response.writeHead(state.isBack ? 200 : 400).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}
