const failuresInARow = 5;
const longestEjectMs = 60_000;
const slowStartMs = 10_000;
const leastShare = 0.1;

/** One instance of a service, and what came of the requests that it was sent. Times are on the clock of `performance.now()`. */
export class Instance {
  readonly origin: string;
  #failures = 0;
  #ejectedUntil = -Infinity;
  #ejectMs = 0;
  /** When it began to take its share. */
  #since: number;

  constructor(origin: string, since: number) {
    this.origin = origin;
    this.#since = since;
  }

  isEjected(now: number): boolean {
    return now < this.#ejectedUntil;
  }

  /** Of its share of the requests, how much it gets: caches and connections of a new one are cold. */
  share(now: number): number {
    return Math.min(1, Math.max(leastShare, (now - this.#since) / slowStartMs));
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns whether it has failed too often in a row. */
  failed(): boolean {
    this.#failures += 1;
    return this.#failures >= failuresInARow;
  }

  /** Leaves it out for a time, twice as long as the last one where it did not stay well since. @returns milliseconds */
  eject(now: number): number {
    const wasWell = now - this.#ejectedUntil > longestEjectMs;
    this.#ejectMs = wasWell ? 10_000 : Math.min(this.#ejectMs * 2, longestEjectMs);
    this.#ejectedUntil = now + this.#ejectMs;
    this.#since = this.#ejectedUntil;
    // Once back, one failure is enough, and one success forgives.
    this.#failures = failuresInARow - 1;
    return this.#ejectMs;
  }
}
