import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Deliveries, Queue, QueuedMessage, QueuePlace } from '../events/broker.ts';
import { plainHeaders } from './headers.ts';

/** More than this many unanswered events, and the server waits: it also bounds what one stuck key can hold up. */
const maxAckPending = 1_000;

/** A durable consumer of JetStream. */
export class NatsQueue implements Queue {
  readonly #consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async open(
    client: JetStreamClient,
    { consumers }: JetStreamManager,
    stream: string,
    { name, subject, from, ackWaitMs }: QueuePlace,
  ): Promise<NatsQueue> {
    await consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
      filter_subject: subject,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      // No limit at the server: it would drop an event whose last attempt killed the process. Attempts are counted in
      // the database, and the last one ends in a dead letter.
      max_deliver: -1,
    });
    return new NatsQueue(await client.consumers.get(stream, name));
  }

  async take(limit: number): Promise<Deliveries> {
    const messages = await this.#consumer.consume({ max_messages: limit, abort_on_missing_resource: true });
    return {
      close: () => messages.close(),
      async *[Symbol.asyncIterator]() {
        for await (const message of messages) yield queued(message);
      },
    };
  }

  async lag(): Promise<number> {
    const { num_pending, num_ack_pending } = await this.#consumer.info();
    return num_pending + num_ack_pending;
  }

  async isNext(position: number): Promise<boolean> {
    const { ack_floor } = await this.#consumer.info();
    return ack_floor.stream_seq >= position - 1;
  }
}

const queued = (message: JsMsg): QueuedMessage => ({
  subject: message.subject,
  position: message.seq,
  headers: plainHeaders(message.headers),
  data: message.string(),
  isRedelivered: message.redelivered,
  ack: () => message.ack(),
  nak: (delayMs) => message.nak(delayMs),
  // A line of ASCII in the protocol.
  term: (reason) => message.term(reason.slice(0, 200).replace(/[^\x20-\x7e]/g, ' ')),
  working: () => message.working(),
});
