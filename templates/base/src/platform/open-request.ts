import type { Waiting, Work } from './context.ts';

/**
 * A request whose caller waits, until it is answered or they hang up. Fastify's own `request.signal` also aborts once
 * the body of a request was read.
 */
export class OpenRequest implements Work, Waiting {
  readonly correlationId: string;
  deadline: number;
  isOpen = true;
  #hungUp: AbortController | undefined;

  /** @param patience milliseconds that the caller is going to wait, as it said in a header. */
  constructor(correlationId: string, patience: unknown) {
    this.correlationId = correlationId;
    this.deadline =
      typeof patience === 'string' && /^\d{1,9}$/.test(patience) ? performance.now() + Number(patience) : Infinity;
  }

  /** Nobody waits for what goes on after the answer. */
  get waiting(): Waiting | undefined {
    return this.isOpen || this.#hungUp?.signal.aborted ? this : undefined;
  }

  /** Made where somebody asks: most requests need none. */
  get signal(): AbortSignal {
    this.#hungUp ??= new AbortController();
    return this.#hungUp.signal;
  }

  answered(): void {
    this.isOpen = false;
    this.deadline = Infinity;
  }

  hangUp(): void {
    this.isOpen = false;
    this.#hungUp ??= new AbortController();
    this.#hungUp.abort(new Error('the caller hung up'));
  }
}
