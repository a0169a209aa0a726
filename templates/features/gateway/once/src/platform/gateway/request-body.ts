import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** The body is larger than its route allows. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/**
 * The body of a request on its way through. A stream of its own, because undici destroys what it is given when an answer
 * comes early, and the request's own takes the client's connection with it.
 */
export class RequestBody extends Readable {
  readonly #raw: IncomingMessage;
  readonly #largest: number;
  readonly #onEnd: () => void;
  #size = 0;
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
    raw.pause();
    // Whoever reads it may be gone by then.
    this.on('error', () => {});
  }

  /** It waits for whoever reads it, not for the client. */
  get isFull(): boolean {
    return this.#raw.isPaused();
  }

  override _read(): void {
    this.movedAt = performance.now();
    this.#raw.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.off('data', this.#take).off('end', this.#end).off('close', this.#close);
    // What still comes is thrown away.
    this.#raw.resume();
    done(error);
  }

  readonly #take = (chunk: Buffer): void => {
    this.movedAt = performance.now();
    this.#size += chunk.length;
    if (this.#size > this.#largest) this.destroy(new BodyTooLarge());
    else if (!this.push(chunk)) this.#raw.pause();
  };

  readonly #end = (): void => {
    this.push(null);
    this.#onEnd();
  };

  readonly #close = (): void => {
    if (!this.#raw.complete) this.destroy(new Error('the client broke off its request'));
  };
}

/** Whether a body comes with it (RFC 9112, 6.3). */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
