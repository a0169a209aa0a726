import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../src/app.ts';
import { Shutdown } from '../src/platform/shutdown.ts';
import { eventually } from './support/eventually.ts';
import { type ServiceProcess, spawnProgram, untilListening } from './support/process.ts';
import { asProcessOne, signalProcessOne, withoutNamespaces } from './support/process-one.ts';

// This file starts itself once more, as the service with routes whose answers end when it leaves, or never.
const role = process.env.TEST_ROLE;
if (role) await serve();
else defineTests();

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function serve(): Promise<void> {
  const shutdown = new Shutdown();
  const app = await buildApp({ env: process.env, extend: role === 'starting' ? hang : slowRoutes });
  shutdown.of(app, { tell: () => {}, shutdown: async () => tell('the spans are sent') });
  await app.listen({ host: '127.0.0.1', port: 0 });
}

async function slowRoutes(app: FastifyInstance): Promise<void> {
  const leaving = () => eventually('it leaves', () => app.lifecycle.phase === 'draining', 600_000);
  app.get('/slow', async () => {
    tell('asked');
    await leaving();
    return 'done';
  });
  app.get('/streamed', async (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200).write('begun, ');
    tell('asked');
    await leaving();
    reply.raw.end('done');
  });
  app.get('/endless', async () => {
    tell('asked');
    await new Promise(() => {});
  });
  app.addHook('onClose', async () => tell('the pools are closed'));
}

async function hang(): Promise<void> {
  tell('starting');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

function defineTests(): void {
  // As in Kubernetes, where the preStop hook has waited, and as elsewhere in production.
  for (const delay of ['0', '5000']) {
    for (const path of ['/slow', '/streamed']) {
      test(`${path} is under way at SIGTERM, and then ${delay} ms are waited: it ends, and so does the process`, async (t) => {
        const service = await start(t, 'serving', { SHUTDOWN_DELAY_MS: delay, SHUTDOWN_TIMEOUT_MS: '60000' });
        const answer = ask(t, service.url + path);
        await tells(service, 'asked');
        service.child.kill('SIGTERM');
        assert.match(await text(await answer), /done$/);
        if (path === '/slow') assert.equal((await answer).headers.connection, 'close');
        assert.equal(await service.exited, 0);
        for (const line of ['the pools are closed', 'the spans are sent'])
          assert.ok(service.lines.includes(line), line);
        assert.ok(!service.lines.some((line) => /cut off/.test(line)));
      });
    }
  }

  test('who keeps asking on a kept connection while it leaves never meets a closed one', async (t) => {
    const service = await start(t, 'serving', { SHUTDOWN_DELAY_MS: '2000', SHUTDOWN_TIMEOUT_MS: '60000' });
    const lanes = Array.from({ length: 8 }, () => askUntilRefused(t, service.url));
    await eventually('all of them ask', () => lanes.every(({ answers }) => answers() > 3));
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
    for (const { ended } of lanes) assert.equal(await ended, 'on a new connection');
  });

  test('a request that does not end in time is cut off, and everything else is still closed', async (t) => {
    const service = await start(t, 'serving', { SHUTDOWN_TIMEOUT_MS: '5000' });
    const answer = ask(t, `${service.url}/endless`);
    await tells(service, 'asked');
    service.child.kill('SIGTERM');
    await assert.rejects(answer, { code: 'ECONNRESET' });
    assert.equal(await service.exited, 0);
    for (const line of ['the pools are closed', 'the spans are sent']) assert.ok(service.lines.includes(line), line);
  });

  test('a SIGTERM during the start ends it', async (t) => {
    const service = spawnProgram(t, ownCommand, { TEST_ROLE: 'starting' });
    await tells(service, 'starting');
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
    assert.ok(service.lines.includes('SIGTERM during the start: exiting'));
  });

  test('as process 1 it ends by SIGTERM too, during the start and later', { skip: withoutNamespaces }, async (t) => {
    const starting = spawnProgram(t, asProcessOne(ownCommand), { TEST_ROLE: 'starting' });
    await tells(starting, 'starting');
    signalProcessOne(starting, 'SIGTERM');
    assert.equal(await starting.exited, 0);

    const serving = await untilListening(spawnProgram(t, asProcessOne(ownCommand), { TEST_ROLE: 'serving' }));
    signalProcessOne(serving, 'SIGTERM');
    assert.equal(await serving.exited, 0);
    assert.ok(serving.lines.includes('the spans are sent'));
  });
}

const ownCommand = [process.execPath, ...process.execArgv, process.argv[1] as string];

const start = (t: TestContext, as: string, env: NodeJS.ProcessEnv): Promise<ServiceProcess> =>
  untilListening(spawnProgram(t, ownCommand, { ...env, TEST_ROLE: as }));

const tells = (service: ServiceProcess, line: string) => eventually(line, () => service.lines.includes(line));

/** Asks on a connection that the caller wants to keep, as every client with a pool does. */
async function ask(t: TestContext, url: string): Promise<IncomingMessage> {
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const [response] = await once(get(url, { agent }), 'response');
  return response;
}

/**
 * Posts one request after the other on a connection that it keeps. `ended`: where it failed. A new connection may be
 * refused, or reset where the kernel had taken it and nobody came for it.
 */
function askUntilRefused(t: TestContext, url: string): { answers: () => number; ended: Promise<string> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  let count = 0;
  const ended = (async () => {
    for (;;) {
      const asked = request(url, { agent, method: 'POST' });
      try {
        const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
        await text(answer);
        count += 1;
      } catch {
        return asked.reusedSocket ? 'on a kept connection' : 'on a new connection';
      }
    }
  })();
  return { answers: () => count, ended };
}
