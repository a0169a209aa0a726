import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Arguments<K extends keyof Handler> = Parameters<NonNullable<Handler[K]>>;

/** What happens to one request. */
export interface Progress {
  /** A connection is there; from now on the other side may have seen it. */
  started(): void;
  answered(status: number): void;
  ended(): void;
  /** @returns true where somebody else takes the request over: its handler is not told. */
  failed(error: Error): boolean;
}

/** undici hands over handlers of two generations, and turning one into the other has its price: each is watched as it is. */
export const watchHandler = (handler: Handler, progress: Progress): Handler =>
  handler.onRequestStart ? new Watched(handler, progress) : new WatchedOfOld(handler, progress);

class Watched implements Handler {
  readonly #handler: Handler;
  readonly #progress: Progress;

  constructor(handler: Handler, progress: Progress) {
    this.#handler = handler;
    this.#progress = progress;
  }

  onRequestStart(...given: Arguments<'onRequestStart'>): void {
    this.#progress.started();
    this.#handler.onRequestStart?.(...given);
  }

  onRequestUpgrade(...given: Arguments<'onRequestUpgrade'>): void {
    this.#progress.ended();
    this.#handler.onRequestUpgrade?.(...given);
  }

  onResponseStart(...given: Arguments<'onResponseStart'>): void {
    this.#progress.answered(given[1]);
    this.#handler.onResponseStart?.(...given);
  }

  onResponseData(...given: Arguments<'onResponseData'>): void {
    this.#handler.onResponseData?.(...given);
  }

  onResponseEnd(...given: Arguments<'onResponseEnd'>): void {
    this.#progress.ended();
    this.#handler.onResponseEnd?.(...given);
  }

  onResponseError(...given: Arguments<'onResponseError'>): void {
    if (!this.#progress.failed(given[1])) this.#handler.onResponseError?.(...given);
  }
}

class WatchedOfOld implements Handler {
  readonly #handler: Handler;
  readonly #progress: Progress;

  constructor(handler: Handler, progress: Progress) {
    this.#handler = handler;
    this.#progress = progress;
  }

  onConnect(...given: Arguments<'onConnect'>): void {
    this.#progress.started();
    this.#handler.onConnect?.(...given);
  }

  onUpgrade(...given: Arguments<'onUpgrade'>): void {
    this.#progress.ended();
    this.#handler.onUpgrade?.(...given);
  }

  onHeaders(...given: Arguments<'onHeaders'>): boolean {
    this.#progress.answered(given[0]);
    return this.#handler.onHeaders?.(...given) ?? true;
  }

  onData(...given: Arguments<'onData'>): boolean {
    return this.#handler.onData?.(...given) ?? true;
  }

  onComplete(...given: Arguments<'onComplete'>): void {
    this.#progress.ended();
    this.#handler.onComplete?.(...given);
  }

  onError(...given: Arguments<'onError'>): void {
    if (!this.#progress.failed(given[0])) this.#handler.onError?.(...given);
  }
}
