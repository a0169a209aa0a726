import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Route } from '../http-client/attempt.ts';
import type { Instance } from './instance.ts';
import { type Progress, watchHandler } from './watch-handler.ts';

export type TransferOptions = Dispatcher.DispatchOptions & {
  signal?: unknown;
  /** Of the call that this request is an attempt of. */
  route?: Route;
};

export interface Outcome {
  /** It failed before anything was sent. */
  unsent(transfer: Transfer, instance: Instance, error: Error): void;
  /** The instance failed it. @returns whether it is left out now. */
  failed(instance: Instance, error: Error): boolean;
}

// Of a gateway, or of a pod that cannot serve; any other answer is the work of the service itself.
const sick: ReadonlySet<number> = new Set([502, 503, 504]);

/** One request on its way from instance to instance, in the context of whoever made it: spans and ids belong there. */
export class Transfer extends AsyncResource implements Progress {
  readonly options: TransferOptions;
  /** Instances that could not be sent it. */
  readonly refused: Instance[] = [];
  lastError: Error | undefined;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #outcome: Outcome;
  #instance: Instance | undefined;
  #isStarted = false;
  #isSick = false;

  constructor(options: TransferOptions, handler: Dispatcher.DispatchHandler, outcome: Outcome) {
    super('Transfer');
    this.options = options;
    this.#handler = handler;
    this.#outcome = outcome;
  }

  /** Why nobody waits for it any more. */
  get overBecause(): Error | undefined {
    const { signal } = this.options;
    return signal instanceof AbortSignal && signal.aborted ? (signal.reason as Error) : undefined;
  }

  sendTo(instance: Instance, dispatch: Dispatcher.Dispatch): void {
    this.#instance = instance;
    const { route } = this.options;
    if (route) {
      route.tried.add(instance.origin);
      route.isLastLeftOut = false;
    }
    const options = { ...this.options, origin: instance.origin };
    this.runInAsyncScope(dispatch, undefined, options, watchHandler(this.#handler, this));
  }

  /** Ends it without an answer. */
  fail(error: Error): void {
    this.runInAsyncScope(() => {
      if (this.#handler.onError) this.#handler.onError(error);
      else this.#handler.onResponseError?.(nothingToControl, error);
    });
  }

  started(): void {
    this.#isStarted = true;
  }

  answered(status: number): void {
    this.#isSick = sick.has(status);
    if (this.#isSick) this.#failed(new Error(`it answered ${status}`));
  }

  ended(): void {
    if (!this.#isSick) this.#instance?.succeeded();
  }

  failed(error: Error): boolean {
    const instance = this.#instance as Instance;
    if (this.#isStarted) {
      if (!this.#isSick && this.#isFaultOfInstance(error)) this.#failed(error);
      return false;
    }
    if (isMistake(error) || !isResendable(this.options.body)) return false;
    this.refused.push(instance);
    this.lastError = error;
    this.#outcome.unsent(this, instance, error);
    return true;
  }

  #failed(error: Error): void {
    const isLeftOut = this.#outcome.failed(this.#instance as Instance, error);
    if (this.options.route) this.options.route.isLastLeftOut = isLeftOut;
  }

  /** A caller who gave up says nothing about the instance; nor does an answer that is larger than we want it. */
  #isFaultOfInstance({ name, code }: Error & { code?: unknown }): boolean {
    return this.overBecause ? name === 'TimeoutError' : code !== 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
  }
}

/** The request itself cannot be sent, to nobody. */
const isMistake = ({ code }: Error & { code?: unknown }): boolean =>
  code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';

/** A stream is gone with the first request that has read of it. */
const isResendable = (body: Dispatcher.DispatchOptions['body']): boolean =>
  body === undefined ||
  body === null ||
  typeof body === 'string' ||
  body instanceof Uint8Array ||
  (body instanceof Readable && !body.readableDidRead && !body.destroyed);

const nothingToControl: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};
