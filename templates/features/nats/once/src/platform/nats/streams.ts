import type { JetStreamManager } from '@nats-io/jetstream';
import { JetStreamApiError } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { BaseLogger } from 'pino';

export interface StreamOptions {
  /** How many servers keep a copy of each event, in streams that are made here. */
  replicas: number;
  /** How long an event can be read, in streams that are made here. */
  keepDays: number;
  log: Pick<BaseLogger, 'warn'>;
}

const day = 24 * 60 * 60 * 1000;

// https://github.com/nats-io/nats-server/blob/main/server/errors.json
const isTaken = [10058, 10065];
const noReplicas = [10005, 10074];

/** Which stream keeps a subject; where there is none, one is made. */
export class Streams {
  readonly #manager: () => Promise<JetStreamManager>;
  readonly #options: StreamOptions;
  readonly #known = new Map<string, Promise<string>>();

  constructor(manager: () => Promise<JetStreamManager>, options: StreamOptions) {
    this.#manager = manager;
    this.#options = options;
  }

  /** Does something with the stream of a subject. Where that fails the stream is looked for again: it may be gone. */
  async use<T>(subject: string, work: (stream: string) => Promise<T>): Promise<T> {
    const found = this.#known.get(subject) ?? this.#find(subject);
    this.#known.set(subject, found);
    try {
      return await work(await found);
    } catch (error) {
      if (this.#known.get(subject) === found) this.#known.delete(subject);
      throw error;
    }
  }

  async #find(subject: string): Promise<string> {
    const { streams } = await this.#manager();
    // Whoever runs the broker may have made it, under any name and with limits of their own.
    for await (const name of streams.names(subject)) {
      const { config } = await streams.info(name);
      if (config.num_replicas < this.#options.replicas)
        this.#options.log.warn(
          { stream: name, replicas: config.num_replicas, wanted: this.#options.replicas },
          'the stream keeps events on fewer servers than NATS_STREAM_REPLICAS says; `nats stream edit` changes that',
        );
      return name;
    }
    return this.#make(subject);
  }

  /** `orders.created` is kept in ORDERS, with all of `orders.>`; by itself where others keep a part of them. */
  async #make(subject: string): Promise<string> {
    const [noun = subject] = subject.split('.');
    try {
      return await this.#add(noun, `${noun}.>`);
    } catch (error) {
      if (!isTaken.includes(codeOf(error))) throw error;
      return this.#add(subject.replace(/\.[*>]$/, ''), subject);
    }
  }

  async #add(noun: string, subject: string): Promise<string> {
    const { streams } = await this.#manager();
    const { replicas, keepDays } = this.#options;
    const name = noun.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    // A dead letter waits for a person, however long that takes.
    const max_age = subject.startsWith('dead-letters.') ? 0 : nanos(keepDays * day);
    try {
      await streams.add({ name, subjects: [subject], num_replicas: replicas, max_age });
    } catch (error) {
      if (!noReplicas.includes(codeOf(error))) throw error;
      throw new Error(
        `NATS cannot keep ${subject} on ${replicas} servers: ${(error as Error).message}. Add servers, or say NATS_STREAM_REPLICAS=1.`,
        { cause: error },
      );
    }
    return name;
  }
}

const codeOf = (error: unknown): number => (error instanceof JetStreamApiError ? error.code : 0);
