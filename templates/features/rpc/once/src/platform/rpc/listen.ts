import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Server, ServerCredentials } from '@grpc/grpc-js';

export interface Listener {
  port: number;
  /** Takes no more connections, and resolves when those that are there have ended. */
  close(): Promise<void>;
  /** For connections that come from now on. @throws Error where they are none */
  use(credentials: ServerCredentials): void;
  /** Ends all that are there, whatever goes on in them. */
  destroy(): void;
}

/** Bytes with which HTTP/2 begins (RFC 9113, 3.4). */
const preface = 24;

/** Milliseconds that a connection has to say something once the service leaves. */
const graceMs = 1_000;

/**
 * Listens for a server by a listener of our own: that of grpc-js cannot end a connection on which nobody has asked yet,
 * and such a one would hold up the shutdown.
 *
 * @throws where the port is taken
 */
export async function listen(
  server: Server,
  credentials: ServerCredentials,
  { host, port }: { host: string; port: number },
): Promise<Listener> {
  const sockets = new Set<Socket>();
  let injector = server.createConnectionInjector(credentials);
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  listener.listen(port, host);
  await once(listener, 'listening');

  const destroy = (isOne: (socket: Socket) => boolean): void => {
    for (const socket of sockets) if (isOne(socket)) socket.destroy();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    close() {
      setTimeout(destroy, graceMs, ({ bytesRead }: Socket) => bytesRead < preface).unref();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
    use(next) {
      injector = server.createConnectionInjector(next);
    },
    destroy: () => destroy(() => true),
  };
}
