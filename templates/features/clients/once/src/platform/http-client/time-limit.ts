/** Milliseconds: a timer of Node for more than 24 days ends at once, and so do servers of gRPC, whose units round up. */
const longest = 2_000_000_000;

/**
 * Aborts after a time, or when another signal does: with one timer and one signal, for which `AbortSignal.timeout` and
 * `AbortSignal.any` take four times as long. Call `done` in any case.
 */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #until: number;

  constructor(ms: number, outer?: AbortSignal) {
    const bounded = Math.min(ms, longest);
    this.#until = performance.now() + bounded;
    this.#outer = outer;
    this.#timer = setTimeout(this.#timeOut, bounded);
    if (ms <= 0) this.#timeOut();
    else if (outer?.aborted) this.#passOn();
    else outer?.addEventListener('abort', this.#passOn, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds that are left. */
  get left(): number {
    return Math.max(0, this.#until - performance.now());
  }

  done(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#passOn);
  }

  readonly #timeOut = (): void => this.#controller.abort(new DOMException('no answer in time', 'TimeoutError'));
  readonly #passOn = (): void => this.#controller.abort(this.#outer?.reason);
}

/** Does not wait longer than the signal lets it, for what cannot be interrupted itself. @throws `error` when it aborts */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(error());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
