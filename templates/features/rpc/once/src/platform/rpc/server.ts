import { setMaxListeners } from 'node:events';
import { Server } from '@grpc/grpc-js';
import type { FastifyInstance } from 'fastify';
import type rpcSettings from '../../settings/rpc.ts';
import type { RpcDefinition } from './define-rpc.ts';
import { definitionOf } from './definition.ts';
import { healthService } from './health-service.ts';
import { listen } from './listen.ts';
import { observer } from './observe.ts';
import { reflectionService } from './reflection-service.ts';
import { type Guard, implementationOf, type Serving } from './serve.ts';
import { followTls, readTls } from './tls-files.ts';

export interface RpcServer {
  port: number;
  /**
   * Takes no more connections and calls, lets those under way end, and resolves when they have. Streams that go on are
   * ended after two fifths of the time, whatever else is left after four.
   */
  close(timeoutMs: number): Promise<void>;
}

interface Options {
  app: FastifyInstance;
  host: string;
  settings: ReturnType<typeof rpcSettings>;
  definitions: readonly RpcDefinition[];
  guards: readonly Guard[];
}

/** @throws where the port is taken, or a file of TLS is none. */
export async function openServer({ app, host, settings, definitions, guards }: Options): Promise<RpcServer> {
  const leaving = new AbortController();
  // As many as there are streams.
  setMaxListeners(0, leaving.signal);
  const serving: Serving = { app, observe: observer(app), guards, leaving: leaving.signal, streams: new Set() };
  const services = definitions.map(({ service }) => service);
  const all = [...definitions, healthService(services.map(({ typeName }) => typeName))];
  if (settings.reflection === 'on') all.push(reflectionService(all.map(({ service }) => service)));

  const server = new Server({
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    'grpc.max_send_message_length': settings.maxMessageBytes,
    'grpc.max_connection_age_ms': settings.connectionMaxAgeMs,
    // A caller that is gone without a word is noticed.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.enable_channelz': 0,
  });
  for (const definition of all) {
    server.addService(definitionOf(definition.service), implementationOf(definition, serving));
  }
  const tls = await readTls(settings);
  const listener = await listen(server, tls.credentials, { host, port: settings.port });
  const endFollowing = followTls(settings, tls, {
    renewed(credentials) {
      listener.use(credentials);
      app.log.info('renewed files of TLS are in use');
    },
    failed: (err) => app.log.error({ err }, 'the files of TLS are none: those of before stay in use'),
  });

  return {
    port: listener.port,
    async close(timeoutMs) {
      leaving.abort();
      endFollowing();
      const timers = [
        setTimeout(() => {
          for (const cutOff of [...serving.streams]) cutOff();
        }, timeoutMs * 0.4),
        setTimeout(() => {
          app.log.error('calls are still under way: they are cut off');
          listener.destroy();
        }, timeoutMs * 0.8),
      ];
      await Promise.all([listener.close(), new Promise<void>((resolve) => server.tryShutdown(() => resolve()))]);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
