import { context, propagation, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { acceptCorrelationId, correlationHeader, withCorrelationId } from '../context.ts';
import { withSpan } from '../tracing/span.ts';
import type { QueuedMessage } from './broker.ts';
import { type Attributes, alsoAsHeader, decodeAttributes, decodeData, type Headers } from './cloud-event.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { addDeadLetter, replayHeader } from './dead-letter.ts';
import { InvalidEvent } from './event.ts';
import {
  countRetry,
  forgetAttempts,
  handleOnce,
  isEarly,
  isHandled,
  type Outcome,
  recordError,
  takeTurn,
} from './inbox.ts';
import type { Held } from './lanes.ts';
import { messagingSystem } from './open-broker.ts';
import { handlerSlots } from './slots.ts';

interface DeliveryOptions extends ConsumerOptions {
  consumer: string;
}

/** What became of an attempt: the broker has its answer, or the event waits here for its turn or for the next attempt. */
export type Result = 'answered' | 'early' | { againMs: number };

const longestDelayMs = 5 * 60_000;

/** One message from the broker, from its arrival to the answer: handled, or a dead letter. */
export class Delivery implements Held {
  readonly #message: QueuedMessage;
  readonly #options: DeliveryOptions;
  readonly #headers: Headers;
  readonly #attributes: Attributes | InvalidEvent;
  readonly #isReplay: boolean;
  #attempts = 0;
  #looks = 0;
  /** Why it can neither be handled nor be put aside, while that is so. A handler that fails is no such reason. */
  error: Error | undefined;
  /** This consumer has answered for all before this message: an event that seems to be missing never comes. */
  mayFollowGap = false;

  constructor(message: QueuedMessage, options: DeliveryOptions) {
    this.#message = message;
    this.#options = options;
    this.#headers = message.headers;
    this.#attributes = readAttributes(this.#headers);
    this.#isReplay = this.#headers[replayHeader] !== undefined;
  }

  /** Events of one key are handled one after the other. A dead letter that was sent again waits for nobody. */
  get key(): string | undefined {
    return this.#attributes instanceof InvalidEvent || this.#isReplay ? undefined : this.#attributes.key;
  }

  get sequence(): number | undefined {
    return this.#attributes instanceof InvalidEvent ? undefined : this.#attributes.sequence;
  }

  /** The place of the event of its key that must be done before this one. */
  get follows(): number {
    return this.#attributes instanceof InvalidEvent ? 0 : (this.#attributes.follows ?? 0);
  }

  get position(): number {
    return this.#message.position;
  }

  get size(): number {
    return this.#message.data.length;
  }

  /** Tells the broker that it is still held. */
  working(): void {
    this.#message.working();
  }

  /** For another replica, at once, or after so many milliseconds. */
  giveBack(delayMs?: number): void {
    this.#message.nak(delayMs);
  }

  /** Never throws. Works in the trace and under the correlation id of whoever published the event. */
  async handle(): Promise<Result> {
    const { subject } = this.#message;
    const replayFor = this.#headers[replayHeader];
    if (replayFor !== undefined && replayFor !== this.#options.consumer) {
      this.#message.ack();
      return 'answered';
    }

    const remote = propagation.extract(ROOT_CONTEXT, this.#headers);
    const parent = withCorrelationId(remote, acceptCorrelationId(this.#headers[correlationHeader]));
    const attributes = {
      'messaging.system': messagingSystem,
      'messaging.operation.type': 'process',
      'messaging.destination.name': subject,
      'messaging.consumer.group.name': this.#options.consumer,
      'messaging.message.id': this.#headers['ce-id'] ?? '',
    };
    try {
      const result = await context.with(parent, () =>
        withSpan(`process ${subject}`, { kind: SpanKind.CONSUMER, attributes }, () =>
          handlerSlots(this.#options.app.database.pool).use(() => this.#process()),
        ),
      );
      this.error = undefined;
      return result;
    } catch (error) {
      return this.#again(error as Error);
    }
  }

  /** Whatever it was is on the span. */
  #again(error: Error): Result {
    const { app, consumer, retryDelayMs } = this.#options;
    if (error instanceof HandlerFailed) {
      this.error = undefined;
      return { againMs: error.againMs };
    }
    this.error = error;
    app.log.error({ err: error, consumer }, 'an event could not be answered for; it is looked at again');
    this.#looks += 1;
    return { againMs: backoff(retryDelayMs, this.#looks) };
  }

  async #process(): Promise<Result> {
    const { app, consumer, subscription, retryDelayMs } = this.#options;
    const message = this.#message;
    const attributes = this.#attributes;
    if (attributes instanceof InvalidEvent) return this.#deadLetter(attributes.message, undefined);

    if (subscription.event.isNewer(attributes.type)) return this.#passBy(attributes);

    let retries = 0;
    const isRetry = message.isRedelivered || this.#attempts > 0;
    if (isRetry) {
      if (await this.#isEarly(attributes)) return 'early';
      const before = await this.#countRetry(attributes.id);
      retries = before.retries;
      // Where no error is known the event may have been given back, and never have been tried.
      if (retries >= subscription.maxDeliver + (before.lastError === undefined ? 1 : 0)) {
        // Done, by a process that could not say so any more.
        if (await isHandled(app.database, consumer, attributes.id)) {
          message.ack();
          return 'answered';
        }
        return this.#deadLetter(before.lastError ?? 'the process died while handling it', attributes);
      }
    } else if (this.#isReplay) {
      // Who sends a dead letter again wants it tried as often as a new one.
      await forgetAttempts(app.database, consumer, attributes.id);
    }

    try {
      return await this.#inOrder(attributes, async (tx) => {
        const data = decodeData(subscription.event, attributes.type, message.data);
        await subscription.handle(
          { ...attributes, source: attributes.source.replace(/^\//, ''), data },
          { tx, app, log: app.log },
        );
        if (isRetry) await forgetAttempts(tx, consumer, attributes.id);
      });
    } catch (error) {
      if (error instanceof InvalidEvent) return this.#deadLetter(error.message, attributes);
      this.#attempts += 1;
      app.log.warn(
        { err: error, event: attributes.id, subject: message.subject, retries },
        'an event could not be handled; it comes again',
      );
      // Where even this fails the database is away, and that is no fault of the event.
      await recordError(app.database, consumer, attributes.id, error).catch(() => undefined);
      throw new HandlerFailed(error, backoff(retryDelayMs, retries));
    }
  }

  /**
   * A version that this replica does not know. Where the event follows in an older form, that one is handled instead.
   * Else it waits, however long, for a replica that knows it: no attempt is counted, and its key waits with it.
   */
  async #passBy(attributes: Attributes): Promise<Result> {
    const { app, metrics, retryDelayMs } = this.#options;
    const { subject } = this.#message;
    if (this.#headers[alsoAsHeader] === undefined) {
      metrics.versionWaits(subject);
      app.log.warn(
        { type: attributes.type, event: attributes.id, subject },
        'an event of a later version waits until this service knows it: deploy the version that does',
      );
      // Given back, and not kept here: the replica that knows it is another one.
      this.#message.nak(backoff(retryDelayMs, 5));
      return 'answered';
    }
    // The turn of its key is taken under another id, so that the form which follows is not taken for handled.
    return this.#inOrder({ ...attributes, id: `${attributes.id} ${attributes.type}` }, async () => {});
  }

  /** Once, after those before it of its key; then the broker is told. */
  async #inOrder(event: Attributes, effect: Parameters<typeof handleOnce>[2]): Promise<Result> {
    const { app, consumer, metrics } = this.#options;
    const done = metrics.timer(this.#message.subject);
    let outcome: Outcome | 'failed' = 'failed';
    try {
      outcome = await handleOnce(app.database, { consumer, event, mayFollowGap: this.#waitsForNobody }, effect);
    } finally {
      done(outcome);
    }
    if (outcome === 'early') return 'early';
    // If the answer is lost, the inbox knows.
    this.#message.ack();
    return 'answered';
  }

  get #waitsForNobody(): boolean {
    return this.mayFollowGap || this.#isReplay;
  }

  async #isEarly(attributes: Attributes): Promise<boolean> {
    const { app, consumer } = this.#options;
    return !this.#waitsForNobody && (await isEarly(app.database, consumer, attributes));
  }

  /** Only an attempt that can be written down counts: while the database is away events wait, and none becomes a dead letter. */
  async #countRetry(id: string): Promise<{ retries: number; lastError: string | undefined }> {
    const { app, consumer, retryDelayMs } = this.#options;
    try {
      return await countRetry(app.database, consumer, id);
    } catch (error) {
      throw new HandlerFailed(error, jitter(retryDelayMs * 2));
    }
  }

  async #deadLetter(reason: string, attributes: Attributes | undefined): Promise<Result> {
    const { app, broker, consumer, metrics } = this.#options;
    const message = this.#message;
    // Stored as a dead letter first: killed in between, it is stored again, under the same id.
    await addDeadLetter(broker, {
      consumer,
      reason,
      subject: message.subject,
      position: message.position,
      headers: this.#headers,
      data: message.data,
    }).catch((cause) => {
      throw new Error(`the stream of the dead letters does not take ${message.subject}: ${cause.message}`, { cause });
    });
    // The key goes on without it. Its attempts stay counted: killed before it says so, it comes again and is not tried anew.
    if (attributes) await takeTurn(app.database, consumer, attributes);
    message.term(reason);
    metrics.deadLettered(message.subject);
    app.log.error({ reason, event: this.#headers['ce-id'], subject: message.subject }, 'an event became a dead letter');
    return 'answered';
  }
}

/** The event is tried again; the error is on the span. */
class HandlerFailed extends Error {
  readonly againMs: number;

  constructor(cause: unknown, againMs: number) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = cause instanceof Error ? cause.name : 'Error';
    this.againMs = againMs;
  }
}

function readAttributes(headers: Headers): Attributes | InvalidEvent {
  try {
    return decodeAttributes(headers);
  } catch (error) {
    return error as InvalidEvent;
  }
}

/** Milliseconds before an event is looked at again. */
const backoff = (firstMs: number, failures: number): number =>
  jitter(Math.min(longestDelayMs, firstMs * 2 ** failures));

const jitter = (ms: number): number => Math.round(ms * (0.5 + Math.random() / 2));
