interface Pause {
  error: Error;
  failures: number;
  until: number;
}

const longestMs = 30_000;

/** Subjects that wait, each by itself and longer from failure to failure, so that one of them stops no other. */
export class Pauses {
  readonly #firstMs: number;
  readonly #pauses = new Map<string, Pause>();

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  /** Why the first of them waits. */
  get error(): Error | undefined {
    const [first] = this.#pauses;
    return first && new Error(`${first[0]}: ${first[1].error.message}`, { cause: first[1].error });
  }

  /** Those that are not tried now. */
  now(): string[] {
    return [...this.#pauses].filter(([, { until }]) => until > performance.now()).map(([subject]) => subject);
  }

  /** @returns whether it is the first failure after a success. */
  begin(subject: string, error: Error): boolean {
    const before = this.#pauses.get(subject);
    // Several keys of one subject fail at once; that is one failure.
    if (before && before.until > performance.now()) return false;
    const failures = (before?.failures ?? 0) + 1;
    const until = performance.now() + Math.min(longestMs, this.#firstMs * 2 ** Math.min(failures, 20));
    this.#pauses.set(subject, { error, failures, until });
    return before === undefined;
  }

  /** @returns whether it had waited. */
  end(subject: string): boolean {
    return this.#pauses.delete(subject);
  }
}
