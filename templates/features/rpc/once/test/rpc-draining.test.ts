import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { buildApp } from '../src/app.ts';
import type { Call } from '../src/platform/rpc/call.ts';
import { Health } from '../src/platform/rpc/standard/grpc/health/v1/health_pb.ts';
import { Shutdown } from '../src/platform/shutdown.ts';
import { EchoService, type Words } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { eventually } from './support/eventually.ts';
import { type ServiceProcess, spawnProgram, untilListening } from './support/process.ts';
import { callsTo } from './support/rpc.ts';

// This file starts itself once more, as the service with calls that end when it leaves, or never.
const { say, repeat } = EchoService.method;
if (process.env.TEST_ROLE) await serve();
else defineTests();

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function serve(): Promise<void> {
  const shutdown = new Shutdown();
  const app = await buildApp({ env: process.env, extend: serveEcho(wait, stream) });
  app.addHook('onClose', async () => tell('the pools are closed'));
  shutdown.of(app, { tell: () => {}, shutdown: async () => {} });
  await app.listen({ host: '127.0.0.1', port: 0 });
}

async function wait({ text }: Words, { leaving }: Call): Promise<string> {
  tell('asked');
  await (text === 'for ever' ? new Promise(() => {}) : eventually('it leaves', () => leaving.aborted, 600_000));
  return 'done';
}

async function* stream({ text }: Words, { leaving, signal }: Call): AsyncGenerator<string> {
  tell('asked');
  yield 'begun';
  const end = text === 'for ever' ? signal : leaving;
  await eventually('its end', () => end.aborted, 600_000);
  if (end === signal) tell('the handler is told');
  yield 'done';
}

function defineTests(): void {
  test('what runs at SIGTERM ends whole, streams too, and no new call is taken', async (t) => {
    const { service, calls } = await start(t, { SHUTDOWN_TIMEOUT_MS: '60000' });
    const answer = calls.unary(say, {});
    const streamed = calls.watch(repeat, {}).toArray();
    await asked(service, 2);
    service.child.kill('SIGTERM');
    assert.equal((await answer).message.text, 'done');
    assert.deepEqual(
      (await streamed).map(({ text }) => text),
      ['begun', 'done'],
    );
    assert.equal(await service.exited, 0);
    assert.ok(service.lines.includes('the pools are closed'));
    assert.ok(!service.lines.some((line) => /cut off/.test(line)));
    await assert.rejects(calls.unary(say, {}, { deadlineMs: 2_000 }));
  });

  test('a stream without an end is told to come back elsewhere; what never ends is cut off', async (t) => {
    const { service, calls } = await start(t, { SHUTDOWN_TIMEOUT_MS: '5000' });
    const streamed = calls.watch(repeat, { text: 'for ever' }).toArray();
    const answer = calls.unary(say, { text: 'for ever' });
    await asked(service, 2);
    service.child.kill('SIGTERM');
    const told = assert.rejects(streamed, { code: status.UNAVAILABLE, details: 'This replica leaves: call again' });
    await Promise.all([told, assert.rejects(answer)]);
    assert.equal(await service.exited, 0);
    for (const line of ['the handler is told', 'the pools are closed']) assert.ok(service.lines.includes(line), line);
  });

  test('neither those who only watch nor connections that say nothing hold it up', async (t) => {
    const { service, calls, port } = await start(t, { SHUTDOWN_TIMEOUT_MS: '60000' });
    const watched = calls.watch(Health.method.watch, {});
    watched.on('error', () => {});
    await new Promise((resolve) => watched.once('data', resolve));
    const mute = connect(port, '127.0.0.1');
    t.after(() => mute.destroy());
    await new Promise((resolve) => mute.once('connect', resolve));
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
    assert.ok(!service.lines.some((line) => /cut off/.test(line)), service.lines.join('\n'));
  });
}

async function start(t: TestContext, env: NodeJS.ProcessEnv) {
  const command = [process.execPath, ...process.execArgv, process.argv[1] as string];
  const service = await untilListening(
    spawnProgram(t, command, { ...env, TEST_ROLE: 'serving', RPC_PORT: '0', SHUTDOWN_DELAY_MS: '0' }),
  );
  const listening = /gRPC listens on port (\d+)/;
  const port = Number(service.lines.map((line) => line.match(listening)?.[1]).find(Boolean));
  return { service, port, calls: callsTo(t, port) };
}

const asked = (service: ServiceProcess, times: number) =>
  eventually('the calls arrive', () => service.lines.filter((line) => line === 'asked').length === times);
