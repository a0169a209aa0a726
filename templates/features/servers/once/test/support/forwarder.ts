import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface Forwarder {
  port: number;
  /** Where new connections lead; those that are open stay where they are. */
  target: number;
}

/** One address in front of several servers, as a Service or a load balancer has: what was connected before a switch stays. */
export async function startForwarder(t: TestContext, target: number): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(forwarder.target, '127.0.0.1');
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const forwarder = { port: (server.address() as AddressInfo).port, target };
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return forwarder;
}
