import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Milliseconds that a connection has to ask something once the service closes. */
const graceMs = 1_000;

/**
 * Connections on which nobody has asked anything (a browser or a proxy opens some in advance) do not hold up a shutdown:
 * Node closes those that are idle after a request, and would wait for these as if they were at work.
 */
export default fp(
  async (app: FastifyInstance) => {
    const unused = new Set<Socket>();
    let isClosing = false;
    const dismiss = (socket: Socket) => setTimeout(() => unused.has(socket) && socket.destroy(), graceMs).unref();

    app.server.on('connection', (socket: Socket) => {
      unused.add(socket);
      socket.once('close', () => unused.delete(socket));
      if (isClosing) dismiss(socket);
    });
    app.server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
    app.addHook('preClose', async () => {
      isClosing = true;
      for (const socket of unused) dismiss(socket);
    });
  },
  { name: 'unused-connections' },
);
