import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { importFolder } from '../platform/import-folder.ts';
import type { RpcDefinition } from '../platform/rpc/define-rpc.ts';
import type { Guard } from '../platform/rpc/serve.ts';
import { openServer, type RpcServer } from '../platform/rpc/server.ts';
import { root } from '../root.ts';
import rpcSettings from '../settings/rpc.ts';
import serviceSettings from '../settings/service.ts';

declare module 'fastify' {
  interface FastifyInstance {
    rpc: {
      /** Serves one more than those in src/rpc/; before the start. */
      add(definition: RpcDefinition): void;
      /** Asked before every call, in turn. */
      guard(guard: Guard): void;
      /** Where it listens, once it does. */
      port: number;
    };
  }
}

/** Serves what is in src/rpc/ over gRPC, on a port of its own, beside HTTP with its probes. */
export default fp(
  async (app: FastifyInstance) => {
    const { host, shutdownTimeoutMs } = serviceSettings(app.env);
    const settings = rpcSettings(app.env);
    const definitions: RpcDefinition[] = await importFolder<RpcDefinition>(join(root, 'rpc'));
    const guards: Guard[] = [];
    let server: RpcServer | undefined;
    const rpc: FastifyInstance['rpc'] = {
      add: (definition) => void definitions.push(definition),
      guard: (guard) => void guards.push(guard),
      port: settings.port,
    };
    app.decorate('rpc', rpc);

    app.addHook('onReady', async () => {
      server = await openServer({ app, host, settings, definitions, guards });
      rpc.port = server.port;
      app.log.info(`gRPC listens on port ${server.port}`);
    });
    // Before the pools that its handlers use are closed.
    app.addHook('preClose', async () => server?.close(shutdownTimeoutMs));
  },
  { name: 'rpc', dependencies: ['health', 'metrics'] },
);
