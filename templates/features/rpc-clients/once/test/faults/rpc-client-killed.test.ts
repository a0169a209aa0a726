import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { definitionOf } from '../../src/platform/rpc/definition.ts';
import type { RpcClientSettings } from '../../src/platform/rpc-client/settings.ts';
import { EchoService, type Words } from '../support/echo/echo_pb.ts';
import { eventually } from '../support/eventually.ts';
import { startLoad } from '../support/load.ts';
import { type ServiceProcess, spawnProgram, untilListening } from '../support/process.ts';
import { startRpcClient } from '../support/rpc-client.ts';

// This file starts itself once more, as one of several instances of a service.
if (process.env.TEST_PORT) serve(process.env.TEST_PORT);
else defineTests();

function serve(port: string): void {
  let wasAsked = false;
  const server = new Server();
  server.addService(definitionOf(EchoService), {
    say({ request }: ServerUnaryCall<Words, Words>, answer: sendUnaryData<Words>) {
      if (!wasAsked) process.stdout.write('asked\n');
      wasAsked = true;
      setTimeout(() => answer(null, request), 2);
    },
    repeat() {},
    join() {},
    chat() {},
  });
  server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
    if (error) throw error;
    process.stdout.write(`Server listening at http://127.0.0.1:${bound}\n`);
  });
  process.once('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
}

function defineTests(): void {
  test('one after another is moved: no call is lost, and none is tried again', async (t) => {
    const { instances, load } = await start(t, { retries: 0 });
    const { calls, finish } = load();
    await calls(100);
    for (const [index, leaving] of instances.entries()) {
      leaving.child.kill('SIGTERM');
      assert.equal(await leaving.exited, 0);
      await calls(100);
      const fresh = await startInstance(t, portOf(leaving));
      await eventually('it is asked', () => fresh.lines.includes('asked'), 120_000);
      instances[index] = fresh;
    }
    assert.deepEqual(await finish(), []);
  });

  test('one is killed under load: what may be repeated is not lost, however much it had', async (t) => {
    const { instances, seen, load } = await start(t);
    const { calls, finish } = load(32);
    await calls(500);
    instances[0]?.child.kill('SIGKILL');
    await instances[0]?.exited;
    await calls(1_000);
    assert.deepEqual(await finish(), []);
    assert.deepEqual(seen.circuits, []);
  });

  test('one is killed and comes back: it has its share again', async (t) => {
    const { instances, seen, load } = await start(t, { breakerFailures: 1 });
    const { calls, finish } = load();
    await calls(100);
    const [killed] = instances;
    assert.ok(killed);
    killed.child.kill('SIGKILL');
    await killed.exited;
    await calls(100);
    const back = await startInstance(t, portOf(killed));
    await eventually('it is asked', () => back.lines.includes('asked'), 120_000);
    await calls(100);
    for (const other of instances.slice(1)) {
      other.child.kill('SIGTERM');
      await other.exited;
    }
    await calls(100);
    assert.equal(back.child.exitCode, null);
    assert.deepEqual(await finish(), []);
    assert.deepEqual(seen.circuits, []);
  });

  test('one is frozen under load: what may be repeated is not lost, and the circuit stays closed', async (t) => {
    const { instances, seen, load } = await start(t, { attemptMs: 2_000, deadlineMs: 600_000 });
    const { calls, finish } = load(16);
    await calls(100);
    instances[0]?.child.kill('SIGSTOP');
    await eventually('calls wait for it in vain', () => seen.retries > 0, 120_000);
    await calls(500);
    assert.deepEqual(await finish(), []);
    assert.deepEqual(seen.circuits, []);
  });
}

const portOf = ({ url }: ServiceProcess): string => new URL(url).port;

function startInstance(t: TestContext, port = '0'): Promise<ServiceProcess> {
  const command = [process.execPath, ...process.execArgv, process.argv[1] as string];
  return untilListening(spawnProgram(t, command, { TEST_PORT: port }));
}

async function start(t: TestContext, settings: Partial<RpcClientSettings> = {}) {
  const instances = await Promise.all([startInstance(t), startInstance(t), startInstance(t)]);
  // A machine that stands still for a while is no instance that does.
  const patient = { attemptMs: 60_000, deadlineMs: 120_000, ...settings };
  const ports = instances.map((instance) => Number(portOf(instance)));
  const { echo, seen } = startRpcClient(t, ports, patient);

  const load = (atOnce?: number) => startLoad(t, () => echo.say({}, { idempotencyKey: 'k' }), atOnce);
  return { instances, seen, load };
}
