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
    this.#until = performance.now() + ms;
    this.#outer = outer;
    this.#timer = setTimeout(this.#timeOut, ms);
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
