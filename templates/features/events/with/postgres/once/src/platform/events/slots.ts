import type pg from 'pg';

/** A bounded number of places; who finds none waits for one. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

const ofPools = new WeakMap<pg.Pool, Slots>();

/** Half of a pool's connections: handlers of events never take those that requests need. */
export function handlerSlots(pool: pg.Pool): Slots {
  const known = ofPools.get(pool) ?? new Slots(Math.max(1, Math.floor(pool.options.max / 2)));
  ofPools.set(pool, known);
  return known;
}
