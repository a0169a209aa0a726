import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { type Broker, type QueuePlace, Refused, type StoredMessage } from '../events/broker.ts';
import type { Message } from '../events/cloud-event.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { natsHeaders, plainHeaders } from './headers.ts';
import { NatsQueue } from './queue.ts';
import { type StreamOptions, Streams } from './streams.ts';

export type NatsBrokerOptions = ConnectionOptions & StreamOptions;

/** No stream takes a message, or headers, of this size: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
const tooLarge = [10054, 10097];

/** Events on NATS JetStream. */
export class NatsBroker implements Broker {
  readonly #connection: Connection;
  readonly #streams: Streams;
  #clients: { of: NatsConnection; jetstream: JetStreamClient; manager: Promise<JetStreamManager> } | undefined;

  constructor(options: NatsBrokerOptions) {
    this.#connection = new Connection(options);
    this.#streams = new Streams(() => this.manager(), options);
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  connected(timeoutMs: number): Promise<void> {
    return this.#connection.connected(timeoutMs);
  }

  /** @throws where there is no connection now. */
  async jetstream(): Promise<JetStreamClient> {
    return this.#current.jetstream;
  }

  /** @throws where there is no connection now. */
  async manager(): Promise<JetStreamManager> {
    return this.#current.manager;
  }

  /** Name of the stream that keeps this subject; made where there is none. */
  stream(subject: string): Promise<string> {
    return this.#streams.use(subject, async (stream) => stream);
  }

  async publish({ id, subject, headers, data }: Message, timeoutMs = 5_000): Promise<void> {
    await this.#streams.use(subject, async () => {
      const client = await this.jetstream();
      try {
        await client.publish(subject, data, { msgID: id, headers: natsHeaders(headers), timeout: timeoutMs });
      } catch (error) {
        throw isOfMessage(error) ? new Refused((error as Error).message, { cause: error }) : error;
      }
    });
  }

  queue(place: QueuePlace): Promise<NatsQueue> {
    return this.#streams.use(place.subject, async (stream) =>
      NatsQueue.open(await this.jetstream(), await this.manager(), stream, place),
    );
  }

  async *read(subject: string): AsyncGenerator<StoredMessage> {
    for (let next = 1; ; ) {
      const message = await this.#streams.use(subject, async (stream) => {
        const { streams } = await this.manager();
        const query = { seq: next, next_by_subj: subject };
        return streams.getMessage(stream, query);
      });
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

  count(subject: string): Promise<number> {
    return this.#streams.use(subject, async (stream) => {
      const { streams } = await this.manager();
      const { state } = await streams.info(stream, { subjects_filter: subject });
      return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    });
  }

  remove(subject: string, position: number): Promise<void> {
    return this.#streams.use(subject, async (stream) => {
      const { streams } = await this.manager();
      await streams.deleteMessage(stream, position);
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  get #current() {
    const of = this.#connection.current;
    if (this.#clients?.of !== of)
      this.#clients = {
        of,
        jetstream: jetstream(of),
        manager: jetstreamManager(of, { checkAPI: false, timeout: 2_000 }),
      };
    return this.#clients;
  }
}

/** Whether it is this message that is not taken; all else may be taken when it is sent again. */
const isOfMessage = (error: unknown): boolean =>
  error instanceof errors.InvalidArgumentError ||
  error instanceof errors.InvalidSubjectError ||
  error instanceof TypeError ||
  (error instanceof JetStreamApiError && tooLarge.includes(error.code));
