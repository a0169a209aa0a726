import { setTimeout as wait } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { BaseLogger } from 'pino';

export interface ConnectionOptions {
  servers: string[];
  /** Shown in the server's list of connections. */
  name: string;
  credentials?: { user: string; pass: string } | { token: string } | undefined;
  log: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
  /** Called when a connection that was lost is there again. */
  onReconnect(): void;
}

/** A connection that is made in the background and made again for ever, so that the service starts and goes on without NATS. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #connection: Promise<NatsConnection>;
  readonly #closing = new AbortController();
  #open: NatsConnection | undefined;
  #isConnected = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#connection = this.#connect();
    this.#connection.then(
      (connection) => {
        this.#open = connection;
        this.#isConnected = true;
        void this.#watch(connection);
      },
      // Only closing ends it, and then nobody waits any more.
      () => undefined,
    );
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** @throws where there is no connection now: nobody waits for one, or a shutdown or a scrape would wait too. */
  get current(): NatsConnection {
    if (!this.#open || !this.#isConnected) throw new Error('NATS is not connected');
    return this.#open;
  }

  /** @throws where there is no connection in that time. */
  async connected(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`NATS does not answer at ${this.#options.servers.join(', ')}`)),
        timeoutMs,
      );
    });
    await Promise.race([this.#connection, late]).finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connection.catch(() => undefined);
    const connection = this.#open;
    if (!connection) return;
    // A server that has just died does not answer, and is not yet known to be gone.
    const timer = setTimeout(() => void connection.close(), 2_000);
    if (this.#isConnected) await Promise.race([connection.drain().catch(() => undefined), connection.closed()]);
    clearTimeout(timer);
    await connection.close();
  }

  /** The client's own wait for the first connection cannot be ended, so a service without NATS could not be stopped. */
  async #connect(): Promise<NatsConnection> {
    const { servers, name, credentials, log } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await connect({
          servers,
          name,
          ...credentials,
          timeout: 5_000,
          maxReconnectAttempts: -1,
          reconnectTimeWait: 500,
          reconnectJitter: 500,
          pingInterval: 10_000,
          maxPingOut: 2,
        });
      } catch (error) {
        if (attempt === 1) log.warn({ err: error }, 'NATS is not reachable yet; events wait');
      }
      await wait(500 + Math.random() * 500, undefined, { signal });
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    const { log, onReconnect } = this.#options;
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') {
        this.#isConnected = false;
        log.warn('NATS is not reachable; events wait');
      }
      if (type === 'reconnect') {
        this.#isConnected = true;
        onReconnect();
        log.info('NATS is reachable again');
      }
    }
    this.#isConnected = false;
  }
}
