import { setTimeout as wait } from 'node:timers/promises';

/** Work in the background: round after round, until it is stopped. */
export class Loop {
  readonly #round: () => Promise<number>;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  /** @param round resolves with the milliseconds until the next one, 0 for at once; it must not reject */
  constructor(round: () => Promise<number>) {
    this.#round = round;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Begins no more; resolves when the round at work has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.isStopped) {
      const pauseMs = await this.#round();
      if (pauseMs > 0) await wait(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}
