import type { FastifyInstance } from 'fastify';
import type { ClientDefinition } from '../http-client/define-client.ts';
import type { TokenProvider } from '../http-client/token.ts';
import { watchClient } from '../http-client/watch-client.ts';
import type { Environment } from '../settings.ts';
import { locate } from './locate.ts';
import { RpcCaller } from './rpc-caller.ts';
import type { RpcClientSettings } from './settings.ts';

export interface RpcClientDefinition<K extends string, T> {
  /** Name of the service called, as in Kubernetes. */
  service: string;
  /** Where it is found: `app.clients.<property>`. */
  property: K;
  settings: (env: Environment) => RpcClientSettings;
  /** For a token that comes from elsewhere than the file in the settings. */
  token?: TokenProvider;
  create(rpc: RpcCaller): T;
}

/** A client in src/clients/ that calls by gRPC, watched like those that call by HTTP. */
export const defineRpcClient = <const K extends string, T>(
  definition: RpcClientDefinition<K, T>,
): Pick<ClientDefinition<K, T>, 'service' | 'property'> & {
  open(app: FastifyInstance): T;
  create: (rpc: RpcCaller) => T;
} => ({
  ...definition,
  open: (app) => openRpcClient(app, definition),
});

function openRpcClient<T>(
  app: FastifyInstance,
  { service, settings, token, create }: RpcClientDefinition<string, T>,
): T {
  const location = locate(app, service, settings(app.env));
  const { observer, reportHealth } = watchClient(app, service, 'rpc');
  const rpc = new RpcCaller({ service, settings: location.settings, token, observer });
  reportHealth(rpc, () => ({
    ...location.health(),
    ...(rpc.trouble && { status: 'degraded', reason: rpc.trouble }),
  }));
  app.addHook('onClose', async () => {
    rpc.close();
    location.close();
  });
  return create(rpc);
}
