import { setTimeout as wait } from 'node:timers/promises';
import { type ConnectionOptions as ClientOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import type { BaseLogger } from 'pino';

export interface ConnectionOptions {
  servers: string[];
  /** Shown in the server's list of connections. */
  name: string;
  /** Credentials and certificates, as the client takes them. */
  identity?: Partial<ClientOptions>;
  log: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
}

/** A connection that is made in the background and made again for ever, so that the service starts and goes on without NATS. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #open: NatsConnection | undefined;
  #isConnected = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#ended = this.#run();
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
    if (this.#isConnected) return;
    const servers = this.#options.servers.join(', ');
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        clearTimeout(timer);
        this.#waiting.delete(connected);
        settle();
      };
      const connected = end(resolve);
      const timer = setTimeout(
        end(() => reject(new Error(`NATS does not answer at ${servers}`))),
        timeoutMs,
      );
      this.#waiting.add(connected);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = this.#open;
    if (connection) {
      // A server that has just died does not answer, and is not yet known to be gone.
      const timer = setTimeout(() => void connection.close(), 2_000);
      if (this.#isConnected) await Promise.race([connection.drain().catch(() => undefined), connection.closed()]);
      clearTimeout(timer);
      await connection.close();
    }
    await this.#ended;
  }

  /** The client makes a lost connection again by itself; one that it has given up is replaced here. */
  async #run(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const connection = await this.#connect();
        if (signal.aborted) return await connection.close();
        failures = 0;
        this.#open = connection;
        this.#isNowConnected();
        await this.#watch(connection);
        const error = await connection.closed();
        if (!signal.aborted) log.warn({ err: error }, 'the connection to NATS was closed; it is made again');
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'NATS is not reachable yet; events wait');
      }
      this.#isConnected = false;
      await wait(500 + Math.random() * 500, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The client's own wait for the first connection cannot be ended, so a service without NATS could not be stopped. */
  #connect(): Promise<NatsConnection> {
    const { servers, name, identity } = this.#options;
    return connect({
      servers,
      name,
      ...identity,
      timeout: 5_000,
      maxReconnectAttempts: -1,
      // By default two refused log-ins end it for good; a password that is changed, at NATS first, must not.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      // A server that hangs, or a network that is cut, says nothing: gone in nine seconds, and another one is asked.
      pingInterval: 3_000,
      maxPingOut: 2,
    });
  }

  async #watch(connection: NatsConnection): Promise<void> {
    const { log } = this.#options;
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' && this.#isConnected) {
        this.#isConnected = false;
        log.warn('NATS is not reachable; events wait');
      }
      if (type === 'reconnect') {
        this.#isNowConnected();
        log.info('NATS is reachable again');
      }
    }
  }

  #isNowConnected(): void {
    this.#isConnected = true;
    for (const resolve of this.#waiting) resolve();
  }
}
