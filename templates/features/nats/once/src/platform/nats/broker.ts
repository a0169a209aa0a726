import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Broker, QueuePlace, StoredMessage } from '../events/broker.ts';
import type { Message } from '../events/cloud-event.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { natsHeaders, plainHeaders } from './headers.ts';
import { NatsQueue } from './queue.ts';

export interface NatsBrokerOptions extends Omit<ConnectionOptions, 'onReconnect'> {
  /** How many servers keep a copy of each event: 3 in production. */
  replicas: number;
  /** How long an event can be read. */
  keepDays: number;
}

const day = 24 * 60 * 60 * 1000;

/** Events on NATS JetStream. */
export class NatsBroker implements Broker {
  readonly #options: NatsBrokerOptions;
  readonly #connection: Connection;
  readonly #streams = new Map<string, Promise<string>>();

  constructor(options: NatsBrokerOptions) {
    this.#options = options;
    // A server that lost its disk has lost its streams too.
    this.#connection = new Connection({ ...options, onReconnect: () => this.#streams.clear() });
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  connected(timeoutMs: number): Promise<void> {
    return this.#connection.connected(timeoutMs);
  }

  /** @throws where there is no connection now. */
  async jetstream(): Promise<JetStreamClient> {
    return jetstream(this.#connection.current);
  }

  /** @throws where there is no connection now. */
  async manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.#connection.current, { checkAPI: false, timeout: 2_000 });
  }

  async publish({ id, subject, headers, data }: Message, timeoutMs = 5_000): Promise<void> {
    await this.stream(subject);
    const client = await this.jetstream();
    await client.publish(subject, data, { msgID: id, headers: natsHeaders(headers), timeout: timeoutMs });
  }

  async queue(place: QueuePlace): Promise<NatsQueue> {
    return NatsQueue.open(await this.jetstream(), await this.manager(), await this.stream(place.subject), place);
  }

  async *read(subject: string): AsyncGenerator<StoredMessage> {
    const stream = await this.stream(subject);
    const { streams } = await this.manager();
    for (let next = 1; ; ) {
      const query = { seq: next, next_by_subj: subject };
      const message = await streams.getMessage(stream, query);
      if (!message) return;
      next = message.seq + 1;
      const { 'nats-msg-id': _id, ...headers } = plainHeaders(message.header);
      yield {
        subject: message.subject,
        position: message.seq,
        storedAt: message.time,
        headers,
        data: message.string(),
      };
    }
  }

  async count(subject: string): Promise<number> {
    const { streams } = await this.manager();
    const { state } = await streams.info(await this.stream(subject), { subjects_filter: subject });
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  }

  async remove(subject: string, position: number): Promise<void> {
    const { streams } = await this.manager();
    await streams.deleteMessage(await this.stream(subject), position);
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

  close(): Promise<void> {
    return this.#connection.close();
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
}
