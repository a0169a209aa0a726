import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** The body is larger than its route allows. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/**
 * Bytes that make a body worth a place at the upstream, and that have to come while it has one to count as going on: who
 * sends one now and then would hold it up. Few, since anybody may have as many waiting here as there are connections.
 */
const part = 16_384;

/**
 * The body of a request on its way through. A stream of its own, because undici destroys what it is given when an answer
 * comes early, and the request's own takes the client's connection with it.
 */
export class RequestBody extends Readable {
  readonly #raw: IncomingMessage;
  readonly #largest: number;
  readonly #onEnd: () => void;
  #size = 0;
  #movedSize = 0;
  /** Resolves once it is worth a place: all of it is here, or a part, or nothing more comes. */
  readonly ready: Promise<void>;
  #setReady = (): void => {};
  /** From then on a part of it has to come, not only something, to count as going on. */
  hasPlace = false;
  /** When the last of it came, on the clock of `performance.now()`. */
  movedAt = performance.now();

  constructor(raw: IncomingMessage, largest: number, onEnd: () => void) {
    super({ highWaterMark: 65_536 });
    this.#raw = raw;
    this.#largest = largest;
    this.#onEnd = onEnd;
    raw.on('data', this.#take);
    raw.once('end', this.#end);
    raw.once('close', this.#close);
    raw.on('error', this.#close);
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    // Whoever reads it may be gone by then.
    this.on('error', () => {});
  }

  /** It waits for whoever reads it, not for the client. */
  get isFull(): boolean {
    return this.#raw.isPaused();
  }

  override _read(): void {
    if (this.isFull) this.movedAt = performance.now();
    this.#raw.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.off('data', this.#take).off('end', this.#end).off('close', this.#close);
    // What still comes is thrown away.
    this.#raw.resume();
    this.#setReady();
    done(error);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#size += chunk.length;
    if (!this.hasPlace || this.#size - this.#movedSize >= part) {
      this.movedAt = performance.now();
      this.#movedSize = this.#size;
    }
    if (this.#size > this.#largest) this.destroy(new BodyTooLarge());
    else if (!this.push(chunk)) this.#raw.pause();
    if (this.#size >= part) this.#setReady();
  };

  readonly #end = (): void => {
    this.push(null);
    this.#setReady();
    this.#onEnd();
  };

  readonly #close = (): void => {
    if (!this.#raw.complete) this.destroy(new Error('the client broke off its request'));
  };
}

/** Whether a body comes with it (RFC 9112, 6.3). */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
