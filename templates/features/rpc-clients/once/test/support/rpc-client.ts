import type { TestContext } from 'node:test';
import type { TokenProvider } from '../../src/platform/http-client/token.ts';
import { RpcCaller } from '../../src/platform/rpc-client/rpc-caller.ts';
import { type RpcClientSettings, rpcClientSettings } from '../../src/platform/rpc-client/settings.ts';
import { EchoService } from './echo/echo_pb.ts';

const readSettings = rpcClientSettings('PEER', { url: 'grpc://peer-rpc:50051' });

/** A client of the echo service at these ports, with the usual settings except those given. */
export function startRpcClient(
  t: TestContext,
  ports: readonly number[],
  settings: Partial<RpcClientSettings> = {},
  token?: TokenProvider,
) {
  const seen = { circuits: [] as string[], retries: 0, outcomes: [] as string[] };
  const url = ports.map((port) => `grpc://127.0.0.1:${port}`).join(',');
  const rpc = new RpcCaller({
    service: 'peer',
    settings: { ...readSettings({ PEER_RPC_URL: url }), ...settings },
    token,
    observer: {
      circuitChanged: (circuit) => seen.circuits.push(circuit),
      retrying: () => seen.retries++,
      finished: (outcome) => seen.outcomes.push(outcome),
    },
  });
  t.after(() => rpc.close());
  return { rpc, seen, echo: rpc.client(EchoService) };
}
