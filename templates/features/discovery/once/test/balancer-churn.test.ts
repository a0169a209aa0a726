import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Balancer } from '../src/platform/discovery/balancer.ts';
import { ServiceError } from '../src/platform/http-client/service-error.ts';
import type { ClientSettings } from '../src/platform/http-client/settings.ts';
import { startClient } from './support/client.ts';
import { eventually } from './support/eventually.ts';
import { listSource } from './support/list-source.ts';
import { startLoad } from './support/load.ts';
import { type ServiceProcess, spawnProgram, untilListening } from './support/process.ts';

// This file starts itself once more, as one of several instances of a service.
if (process.env.TEST_ROLE) serve(process.env.TEST_ROLE);
else defineTests();

function serve(role: string): void {
  const status = role === 'failing' ? 503 : 200;
  let isLeaving = false;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json', ...(isLeaving && { connection: 'close' }) });
      response.end('{}');
      if (role === 'failing') process.stdout.write('asked\n');
    });
  });
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`Server listening at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
  process.once('SIGTERM', () => {
    isLeaving = true;
    server.close(() => process.exit(0));
  });
}

function defineTests(): void {
  for (const method of ['GET', 'POST'] as const) {
    test(`one leaves gracefully, after it left the list: no ${method} is lost, without a retry`, async (t) => {
      const { source, instances, load } = await start(t, { retries: 0 });
      const [leaving, ...staying] = instances;
      const { calls, finish } = load(method);
      await calls(100);
      source.set(urlsOf(staying));
      await calls(100);
      leaving.child.kill('SIGTERM');
      assert.equal(await leaving.exited, 0);
      await calls(100);
      assert.deepEqual(await finish(), []);
    });
  }

  test('one is killed, and the list is late: what may be repeated is not lost', async (t) => {
    const { source, instances, load } = await start(t);
    const [killed, ...staying] = instances;
    const { calls, finish } = load('GET');
    await calls(100);
    killed.child.kill('SIGKILL');
    await killed.exited;
    await calls(500);
    source.set(urlsOf(staying));
    await calls(100);
    assert.deepEqual(await finish(), []);
  });

  test('of what may not be repeated only that is lost which the dying instance had been sent', async (t) => {
    const { instances, load } = await start(t);
    const { calls, finish } = load('POST');
    await calls(100);
    instances[0].child.kill('SIGKILL');
    await instances[0].exited;
    await calls(500);
    const failed = await finish();
    // Those under way, and as many that were sent on kept connections before anybody could see that they had ended.
    assert.ok(failed.length <= 2 * atOnce, `${failed.length}`);
    for (const { cause } of failed) assert.notEqual((cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  });

  test('one of three fails every call: nothing is lost, and it is hardly asked', async (t) => {
    const { instances, load } = await start(t, {}, ['failing', 'well', 'well']);
    const { calls, finish } = load('GET');
    await calls(500);
    assert.deepEqual(await finish(), []);
    const asked = instances[0].lines.filter((line) => line === 'asked').length;
    assert.ok(asked <= 5 + atOnce, `${asked} times`);
  });

  test('one of three is frozen: nothing is lost', async (t) => {
    const { instances, balancer, load } = await start(t, { attemptMs: 2_000, deadlineMs: 600_000 });
    const { calls, finish } = load('GET');
    await calls(100);
    instances[0].child.kill('SIGSTOP');
    await eventually('it is left out', () => balancer.state.ejected === 1);
    await calls(500);
    assert.deepEqual(await finish(), []);
  });
}

/** Calls at the same time: enough to have some under way at every instance, and few enough for the budget of retries. */
const atOnce = 8;

type Instances = [ServiceProcess, ServiceProcess, ServiceProcess];

async function start(t: TestContext, settings: Partial<ClientSettings> = {}, roles = ['well', 'well', 'well']) {
  const command = [process.execPath, ...process.execArgv, process.argv[1] as string];
  const spawned = roles.map((role) => untilListening(spawnProgram(t, command, { TEST_ROLE: role })));
  const instances = (await Promise.all(spawned)) as Instances;
  const source = listSource(...urlsOf(instances));
  const balancer = new Balancer({ service: 'peer', source });
  // A machine that stands still for a while is no instance that does.
  const patient = { attemptMs: 60_000, deadlineMs: 120_000, ...settings };
  const { http } = startClient(t, 'http://peer', patient, undefined, () => balancer);

  function load(method: 'GET' | 'POST') {
    const { calls, finish } = startLoad(t, () => http.call(method, '/', method === 'POST' ? { body: {} } : {}), atOnce);
    return {
      calls,
      finish: async () =>
        (await finish()).map((error) => {
          assert.ok(error instanceof ServiceError, `${error}`);
          return error;
        }),
    };
  }
  return { source, instances, balancer, load };
}

const urlsOf = (instances: readonly ServiceProcess[]) => instances.map(({ url }) => url);
