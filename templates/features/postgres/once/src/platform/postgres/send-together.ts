import type { Duplex } from 'node:stream';
import type pg from 'pg';

/** Sends the statements that `send` begins in one write: the driver makes one of each, and the kernel a packet. */
export function sendTogether<T>(client: pg.ClientBase, send: () => T): T {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}
