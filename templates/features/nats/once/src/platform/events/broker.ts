import { setTimeout as wait } from 'node:timers/promises';
import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type PubAck,
} from '@nats-io/jetstream';
import { connect, headers as createHeaders, type MsgHdrs, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { BaseLogger } from 'pino';
import type { Headers, Message } from './cloud-event.ts';

export interface BrokerOptions {
  servers: string[];
  /** Shown in the server's list of connections. */
  name: string;
  credentials?: { user: string; pass: string } | { token: string } | undefined;
  /** How many servers keep a copy of each event: 3 in production. */
  replicas: number;
  /** How long an event can be read. */
  keepDays: number;
  log: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
}

const day = 24 * 60 * 60 * 1000;

/**
 * The connection to NATS JetStream. It is made in the background and made again for ever, so that the service starts
 * and goes on without NATS.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #connection: Promise<NatsConnection>;
  readonly #streams = new Map<string, Promise<string>>();
  readonly #closing = new AbortController();
  #open: NatsConnection | undefined;
  #isConnected = false;

  constructor(options: BrokerOptions) {
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

  /** @throws where there is no connection now: nobody waits for one, or a shutdown or a scrape would wait too. */
  async jetstream(): Promise<JetStreamClient> {
    return jetstream(this.#connected());
  }

  async manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.#connected(), { checkAPI: false, timeout: 2_000 });
  }

  /** Resolves when the server has stored the message. The same id twice within two minutes is stored once. */
  async publish({ id, subject, headers, data }: Message, timeoutMs = 5_000): Promise<PubAck> {
    await this.stream(subject);
    const client = await this.jetstream();
    return client.publish(subject, data, { msgID: id, headers: natsHeaders(headers), timeout: timeoutMs });
  }

  /** Name of the stream that keeps this subject; made where there is none: `orders.created` is kept in ORDERS. */
  stream(subject: string): Promise<string> {
    const [noun = subject] = subject.split('.');
    const known = this.#streams.get(noun);
    if (known) return known;
    const found = this.#ensureStream(noun);
    this.#streams.set(noun, found);
    found.catch(() => this.#streams.delete(noun));
    return found;
  }

  /** Sends what is waiting and closes. */
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

  #connected(): NatsConnection {
    if (!this.#open || !this.#isConnected) throw new Error('NATS is not connected');
    return this.#open;
  }

  async #ensureStream(noun: string): Promise<string> {
    const { streams } = await this.manager();
    const subject = `${noun}.>`;
    // Whoever runs the broker may have made it, under any name and with limits of their own.
    for await (const { config } of streams.list(subject)) return config.name;
    const name = noun.toUpperCase().replaceAll('-', '_');
    const { replicas, keepDays } = this.#options;
    // A dead letter waits for a person, however long that takes.
    const max_age = noun === 'dead-letters' ? 0 : nanos(keepDays * day);
    await streams.add({ name, subjects: [subject], num_replicas: replicas, max_age });
    return name;
  }

  async #watch(connection: NatsConnection): Promise<void> {
    const { log } = this.#options;
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') {
        this.#isConnected = false;
        log.warn('NATS is not reachable; events wait');
      }
      if (type === 'reconnect') {
        this.#isConnected = true;
        // A server that lost its disk has lost its streams too.
        this.#streams.clear();
        log.info('NATS is reachable again');
      }
    }
    this.#isConnected = false;
  }
}

export function natsHeaders(headers: Headers): MsgHdrs {
  const result = createHeaders();
  for (const [name, value] of Object.entries(headers)) result.set(name, value);
  return result;
}

export const plainHeaders = (headers: MsgHdrs | undefined): Headers =>
  Object.fromEntries([...(headers ?? [])].map(([name, [value = '']]) => [name.toLowerCase(), value]));
