import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Deliveries, Queue, QueuedMessage, QueuePlace } from '../events/broker.ts';
import { plainHeaders } from './headers.ts';

/** More than this many unanswered events of all replicas together, and the server waits. */
const maxAckPending = 10_000;
/** The server says that often that it is there. */
const heartbeatMs = 2_000;
const noSuchConsumer = 10014;

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
    const config = {
      filter_subject: subject,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
      // No limit at the server: it would drop an event whose last attempt killed the process. Attempts are counted in
      // the database, and the last one ends in a dead letter.
      max_deliver: -1,
    };
    try {
      // Where a consumer began cannot be changed, and to say it again is an error.
      await consumers.update(stream, name, config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === noSuchConsumer)) throw error;
      const deliver_policy = from === 'all' ? DeliverPolicy.All : DeliverPolicy.New;
      await consumers.add(stream, { ...config, durable_name: name, ack_policy: AckPolicy.Explicit, deliver_policy });
    }
    return new NatsQueue(await client.consumers.get(stream, name));
  }

  async take(limit: number): Promise<Deliveries> {
    const messages = await this.#consumer.consume({
      max_messages: limit,
      idle_heartbeat: heartbeatMs,
      // It asks for messages again where it hears nothing twice. By default it asks about the consumer first, and waits
      // half a minute where a server that is just being replaced does not answer that.
      bind: true,
    });
    const acknowledge = together();
    let isGone = false;
    void (async () => {
      for await (const { type } of messages.status()) {
        // The client asks on for ever where the stream, or the place in it, is no more.
        if (type !== 'no_responders' && type !== 'consumer_deleted') continue;
        isGone = true;
        await messages.close();
      }
    })();
    return {
      close: () => messages.close(),
      async *[Symbol.asyncIterator]() {
        for await (const message of messages) yield queued(message, acknowledge);
        if (isGone) throw new Error('the stream or the consumer is gone');
      },
    };
  }

  async lag(): Promise<number> {
    const { num_pending, num_ack_pending } = await this.#consumer.info();
    return num_pending + num_ack_pending;
  }

  async answeredUpTo(): Promise<number> {
    const { ack_floor } = await this.#consumer.info();
    return ack_floor.stream_seq;
  }
}

/** What is done in one turn of the event loop is acknowledged in one write: each for itself would be a packet. */
function together(): (message: JsMsg) => void {
  let done: JsMsg[] = [];
  return (message) => {
    done.push(message);
    if (done.length > 1) return;
    setImmediate(() => {
      const all = done;
      done = [];
      try {
        for (const each of all) each.ack();
      } catch {
        // The connection has ended: they come again, and the inbox knows them.
      }
    });
  };
}

const queued = (message: JsMsg, acknowledge: (message: JsMsg) => void): QueuedMessage => ({
  subject: message.subject,
  position: message.seq,
  headers: plainHeaders(message.headers),
  data: message.string(),
  isRedelivered: message.redelivered,
  ack: () => acknowledge(message),
  nak: (delayMs) => message.nak(delayMs),
  // A line of ASCII in the protocol.
  term: (reason) => message.term(reason.slice(0, 200).replace(/[^\x20-\x7e]/g, ' ')),
  working: () => message.working(),
});
