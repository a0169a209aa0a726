import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** For whoever takes a connection over (a WebSocket): it is no mute one, and whoever has it ends it. */
    keepConnection(socket: Duplex): void;
  }
}

/** Milliseconds that a connection has to ask something once the service closes. */
const graceMs = 1_000;

/**
 * Connections on which nobody asks anything do not hold up a shutdown. Node closes those that are idle when it begins,
 * but neither those on which nobody has asked yet (a browser or a proxy opens some in advance) nor those whose answer
 * was under way and promised to keep them.
 */
export default fp(
  async (app: FastifyInstance) => {
    const mute = new Set<Duplex>();
    let isClosing = false;
    const dismiss = (socket: Duplex) => setTimeout(() => mute.has(socket) && socket.destroy(), graceMs).unref();

    app.server.on('connection', (socket: Socket) => {
      mute.add(socket);
      socket.once('close', () => mute.delete(socket));
      if (isClosing) dismiss(socket);
    });
    app.decorate('keepConnection', (socket) => void mute.delete(socket));
    app.server.on('request', ({ socket }: IncomingMessage) => mute.delete(socket));
    app.addHook('preClose', async () => {
      isClosing = true;
      for (const socket of mute) dismiss(socket);
      const sweep = setInterval(() => app.server.closeIdleConnections(), 100).unref();
      app.server.once('close', () => clearInterval(sweep));
    });
  },
  { name: 'connections' },
);
