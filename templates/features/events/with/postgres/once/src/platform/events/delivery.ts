import { context, propagation, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { acceptCorrelationId, correlationHeader, withCorrelationId } from '../context.ts';
import { withSpan } from '../tracing/span.ts';
import type { QueuedMessage } from './broker.ts';
import { type Attributes, alsoAsHeader, decodeAttributes, decodeData, type Headers } from './cloud-event.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { addDeadLetter, replayHeader } from './dead-letter.ts';
import { InvalidEvent } from './event.ts';
import { countRetry, forgetAttempts, handleOnce, isEarly, isHandled, recordError, takeTurn } from './inbox.ts';
import { messagingSystem } from './open-broker.ts';

interface DeliveryOptions extends ConsumerOptions {
  consumer: string;
  /** Whether this consumer has answered for all before this message: an event that seems to be missing never comes. */
  isNext(): Promise<boolean>;
}

/** Milliseconds after which an event is looked at again whose predecessor is still under way. */
const earlyDelayMs = 50;
const longestDelayMs = 5 * 60_000;

/** One message from the broker, from its arrival to the answer: handled, again later, or a dead letter. */
export class Delivery {
  readonly #message: QueuedMessage;
  readonly #options: DeliveryOptions;
  readonly #headers: Headers;
  readonly #attributes: Attributes | InvalidEvent;

  constructor(message: QueuedMessage, options: DeliveryOptions) {
    this.#message = message;
    this.#options = options;
    this.#headers = message.headers;
    this.#attributes = readAttributes(this.#headers);
  }

  /** Events of one lane are handled one after the other. */
  get lane(): string | undefined {
    return this.#attributes instanceof InvalidEvent ? undefined : this.#attributes.key;
  }

  /** Works in the trace and under the correlation id of whoever published the event. */
  async handle(): Promise<void> {
    const { subject } = this.#message;
    const replayFor = this.#headers[replayHeader];
    if (replayFor !== undefined && replayFor !== this.#options.consumer) return this.#message.ack();

    const remote = propagation.extract(ROOT_CONTEXT, this.#headers);
    const parent = withCorrelationId(remote, acceptCorrelationId(this.#headers[correlationHeader]));
    const attributes = {
      'messaging.system': messagingSystem,
      'messaging.operation.type': 'process',
      'messaging.destination.name': subject,
      'messaging.consumer.group.name': this.#options.consumer,
      'messaging.message.id': this.#headers['ce-id'] ?? '',
    };
    await context
      .with(parent, () =>
        withSpan(`process ${subject}`, { kind: SpanKind.CONSUMER, attributes }, () => this.#process()),
      )
      // Whatever it was is on the span; the message was answered, or will be delivered again.
      .catch((error) => {
        if (!(error instanceof HandlerFailed)) throw error;
      });
  }

  async #process(): Promise<void> {
    const { app, consumer, subscription, metrics, retryDelayMs, isNext } = this.#options;
    const message = this.#message;
    const attributes = this.#attributes;
    const isReplay = this.#headers[replayHeader] !== undefined;
    if (attributes instanceof InvalidEvent) return this.#deadLetter(attributes.message, undefined);

    if (subscription.event.isNewer(attributes.type)) return this.#passBy(attributes, isReplay);

    let retries = 0;
    if (message.isRedelivered) {
      if (!isReplay && (await isEarly(app.database, consumer, attributes)) && !(await isNext())) {
        return message.nak(earlyDelayMs);
      }
      const before = await this.#countRetry(attributes.id);
      retries = before.retries;
      if (retries >= subscription.maxDeliver) {
        // Done, by a process that could not say so any more.
        if (await isHandled(app.database, consumer, attributes.id)) return message.ack();
        return this.#deadLetter(before.lastError ?? 'the process died while handling it', attributes);
      }
    }

    const done = metrics.timer(message.subject);
    try {
      const data = decodeData(subscription.event, attributes.type, message.data);
      const outcome = await handleOnce(app.database, { consumer, event: attributes, isNext, isReplay }, async (tx) => {
        await subscription.handle(
          { ...attributes, source: attributes.source.replace(/^\//, ''), data },
          { tx, app, log: app.log },
        );
        if (message.isRedelivered) await forgetAttempts(tx, consumer, attributes.id);
      });
      done(outcome);
      if (outcome === 'early') message.nak(earlyDelayMs);
      // Confirmed, so that what was done is not offered again; if the answer is lost all the same, the inbox knows.
      else message.ack();
    } catch (error) {
      done('failed');
      if (error instanceof InvalidEvent) return this.#deadLetter(error.message, attributes);
      app.log.warn(
        { err: error, event: attributes.id, subject: message.subject, retries },
        'an event could not be handled; it comes again',
      );
      // Where even this fails the database is away, and that is no fault of the event.
      await recordError(app.database, consumer, attributes.id, error).catch(() => undefined);
      message.nak(jitter(Math.min(longestDelayMs, retryDelayMs * 2 ** retries)));
      throw new HandlerFailed(error);
    }
  }

  /**
   * A version that this replica does not know. Where the event follows in an older form, that one is handled instead.
   * Else it waits, however long, for a replica that knows it: no attempt is counted, and its key waits with it.
   */
  async #passBy(attributes: Attributes, isReplay: boolean): Promise<void> {
    const { app, consumer, isNext, metrics, retryDelayMs } = this.#options;
    const { subject } = this.#message;
    if (this.#headers[alsoAsHeader] === undefined) {
      app.log.warn(
        { type: attributes.type, event: attributes.id, subject },
        'an event of a later version waits until this service knows it: deploy the version that does',
      );
      return this.#message.nak(jitter(Math.min(longestDelayMs, retryDelayMs * 30)));
    }
    // The turn of its key is taken under another id, so that the form which follows is not taken for handled.
    const event = { ...attributes, id: `${attributes.id} ${attributes.type}` };
    const done = metrics.timer(subject);
    const outcome = await handleOnce(app.database, { consumer, event, isNext, isReplay }, async () => {});
    done(outcome);
    if (outcome === 'early') this.#message.nak(earlyDelayMs);
    else this.#message.ack();
  }

  /** Only an attempt that can be written down counts: while the database is away events wait, and none becomes a dead letter. */
  async #countRetry(id: string): Promise<{ retries: number; lastError: string | undefined }> {
    const { app, consumer, retryDelayMs } = this.#options;
    try {
      return await countRetry(app.database, consumer, id);
    } catch (error) {
      this.#message.nak(jitter(retryDelayMs * 2));
      throw new HandlerFailed(error);
    }
  }

  async #deadLetter(reason: string, attributes: Attributes | undefined): Promise<void> {
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
    });
    if (attributes) {
      await app.database.transaction(async (transaction) => {
        // The key goes on without it.
        await takeTurn(transaction, consumer, attributes, true);
        await forgetAttempts(transaction, consumer, attributes.id);
      });
    }
    message.term(reason);
    metrics.deadLettered(message.subject);
    app.log.error({ reason, event: this.#headers['ce-id'], subject: message.subject }, 'an event became a dead letter');
  }
}

/** The message was answered; the error is on the span. */
class HandlerFailed extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = cause instanceof Error ? cause.name : 'Error';
  }
}

function readAttributes(headers: Headers): Attributes | InvalidEvent {
  try {
    return decodeAttributes(headers);
  } catch (error) {
    return error as InvalidEvent;
  }
}

const jitter = (ms: number): number => Math.round(ms * (0.5 + Math.random() / 2));
