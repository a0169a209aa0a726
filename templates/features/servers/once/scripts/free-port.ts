import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that nobody listens on now. It is below those that systems give to outgoing connections (from
 * 32768 on Linux, from 49152 elsewhere): a server that was stopped finds its port free when it starts again, and a
 * client that tries to reach it meanwhile is never connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', (error: NodeJS.ErrnoException) =>
        // Windows answers EACCES for ports that it keeps to itself.
        error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
      )
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
