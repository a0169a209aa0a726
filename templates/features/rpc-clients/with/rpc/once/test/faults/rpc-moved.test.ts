import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Health } from '../../src/platform/rpc/standard/grpc/health/v1/health_pb.ts';
import { RpcCaller } from '../../src/platform/rpc-client/rpc-caller.ts';
import { rpcClientSettings } from '../../src/platform/rpc-client/settings.ts';
import { startLoad } from '../support/load.ts';
import { type ServiceProcess, startService } from '../support/process.ts';

const env = {
  PEER_ATTEMPT_MS: '60000',
  PEER_DEADLINE_MS: '120000',
  PEER_RETRIES: '0',
  // Who is new is found long before the next one leaves.
  PEER_CONNECTION_MAX_AGE_MS: '100',
};

// As a rollout does it: this service itself, which ends as it does in production.
test('instances of this service are moved one after another: its callers lose nothing, without a retry', async (t) => {
  const instances = [await startInstance(t), await startInstance(t)];
  const ports = instances.map(portOf);
  const url = ports.map((port) => `grpc://127.0.0.1:${port}`).join(',');
  const settings = rpcClientSettings('PEER', { url })(env);
  const observer = { circuitChanged() {}, retrying() {}, finished() {} };
  const rpc = new RpcCaller({ service: 'peer', settings, observer });
  t.after(() => rpc.close());

  const health = rpc.client(Health);
  const { calls, finish } = startLoad(t, () => health.check({}));
  for (const [index, port] of ports.entries()) {
    await calls(100);
    const leaving = instances[index] as ServiceProcess;
    leaving.child.kill('SIGTERM');
    assert.equal(await leaving.exited, 0);
    await calls(100);
    instances[index] = await startInstance(t, port);
  }
  await calls(100);
  assert.deepEqual(await finish(), []);
});

const startInstance = (t: TestContext, port = '0'): Promise<ServiceProcess> =>
  startService(t, { RPC_PORT: port, SHUTDOWN_DELAY_MS: '500' });

function portOf({ lines }: ServiceProcess): string {
  const port = /gRPC listens on port (\d+)/.exec(lines.join('\n'))?.[1];
  assert.ok(port);
  return port;
}
