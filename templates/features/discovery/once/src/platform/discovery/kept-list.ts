import type { Source } from './source.ts';

export interface ListObserver {
  listed(count: number): void;
  /** Why the list cannot be read at present; undefined when it can be again. */
  stale(error: Error | undefined): void;
}

/** What a source told last: a list that cannot be read again stays in use. */
export class KeptList {
  readonly #source: Source;
  readonly #observer: ListObserver | undefined;
  #changed = (): void => undefined;
  #stop = (): void => undefined;
  #origins: readonly string[] | undefined;
  #stale: Error | undefined;

  constructor(source: Source, observer?: ListObserver) {
    this.#source = source;
    this.#observer = observer;
  }

  /** Begins to watch. `changed` is called whenever something was told, maybe at once. */
  follow(changed: () => void): void {
    this.#changed = changed;
    this.#stop = this.#source.watch({
      found: (origins) => this.#found(origins),
      failed: (error) => this.#tellStale(error),
    });
  }

  /** Each once; undefined until there was a list. */
  get origins(): readonly string[] | undefined {
    return this.#origins;
  }

  /** Why the list is not read anew. */
  get stale(): Error | undefined {
    return this.#stale;
  }

  /** Whoever waits for a list that never came gets none. */
  close(): void {
    this.#stop();
    if (!this.#origins && !this.#stale) this.#tellStale(new Error('the service is closing'));
  }

  #found(origins: readonly string[]): void {
    this.#origins = [...new Set(origins)];
    this.#observer?.listed(this.#origins.length);
    this.#tellStale(undefined);
  }

  #tellStale(error: Error | undefined): void {
    const isNews = (this.#stale === undefined) !== (error === undefined);
    this.#stale = error;
    if (isNews) this.#observer?.stale(error);
    this.#changed();
  }
}
