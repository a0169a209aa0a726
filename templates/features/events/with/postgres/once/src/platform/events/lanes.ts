/** What waits for its turn among those of its key. */
export interface Held {
  key: string | undefined;
  /** Its place among those of its key, where that is known. */
  sequence: number | undefined;
  /** Characters that it keeps in memory. */
  size: number;
}

/** Those of one key, in their order; the first is at work or next. One without a key has a lane of its own. */
export interface Lane<T> {
  readonly key: string | undefined;
  readonly waiting: T[];
  state: 'ready' | 'busy' | 'paused';
}

/** More than this, and no more is taken; of a key that is paused only the first few are kept, so that others find room. */
const most = { count: 1_000, size: 16_000_000, paused: 100 };

/** Orders what arrives by key: those of one key go one after the other, and a key that has to wait holds up no other. */
export class Lanes<T extends Held> {
  readonly #lanes = new Set<Lane<T>>();
  readonly #byKey = new Map<string, Lane<T>>();
  readonly #ready = new Set<Lane<T>>();
  readonly #held = new Set<T>();
  #size = 0;

  /** All that is held: what waits and what is at work. */
  get held(): ReadonlySet<T> {
    return this.#held;
  }

  /** Lanes whose first could begin at once. */
  get ready(): number {
    return this.#ready.size;
  }

  get isFull(): boolean {
    return this.#held.size >= most.count || this.#size >= most.size;
  }

  /** @returns false where it is not kept, because its key is paused and has enough that waits, and not for this one. */
  add(item: T): boolean {
    const known = item.key === undefined ? undefined : this.#byKey.get(item.key);
    const lane: Lane<T> = known ?? { key: item.key, waiting: [], state: 'ready' };
    const [first] = lane.waiting;
    const isAwaited = first !== undefined && isBefore(item, first);
    if (lane.state === 'paused' && !isAwaited && (lane.waiting.length >= most.paused || this.isFull)) return false;
    this.#held.add(item);
    this.#size += item.size;
    // The first of a busy lane stays the first.
    let place = lane.waiting.length;
    const least = lane.state === 'busy' ? 1 : 0;
    while (place > least && isBefore(item, lane.waiting[place - 1] as T)) place -= 1;
    lane.waiting.splice(place, 0, item);
    this.#lanes.add(lane);
    if (item.key !== undefined) this.#byKey.set(item.key, lane);
    // What came first may be what the others wait for.
    if (lane.state === 'paused' && place === 0) this.resume(lane);
    if (lane.state === 'ready') this.#ready.add(lane);
    return true;
  }

  /** The lane that has been ready for longest; it is busy until `done` or `pause`. */
  take(): Lane<T> | undefined {
    const [lane] = this.#ready;
    if (!lane) return undefined;
    this.#ready.delete(lane);
    lane.state = 'busy';
    return lane;
  }

  /** The first of a lane is dealt with: the next one may begin. */
  done(lane: Lane<T>): void {
    const item = lane.waiting.shift();
    if (item) this.#forget(item);
    if (lane.waiting.length > 0) this.resume(lane);
    else this.#end(lane);
  }

  /** The first of a lane has to wait, and all behind it; but what belongs before it, and came meanwhile, may begin. */
  pause(lane: Lane<T>): void {
    lane.state = 'paused';
    const [first, ...others] = lane.waiting;
    const before = first ? others.filter((other) => isBefore(other, first)).length : 0;
    if (!first || before === 0) return;
    lane.waiting.shift();
    lane.waiting.splice(before, 0, first);
    this.resume(lane);
  }

  resume(lane: Lane<T>): void {
    lane.state = 'ready';
    this.#ready.add(lane);
  }

  /** Takes out all that is not at work. */
  clear(): T[] {
    this.#ready.clear();
    return [...this.#lanes].flatMap((lane) => {
      const taken = lane.waiting.splice(lane.state === 'busy' ? 1 : 0);
      for (const item of taken) this.#forget(item);
      if (lane.waiting.length === 0) this.#end(lane);
      return taken;
    });
  }

  #end(lane: Lane<T>): void {
    this.#lanes.delete(lane);
    if (lane.key !== undefined) this.#byKey.delete(lane.key);
  }

  #forget(item: T): void {
    this.#held.delete(item);
    this.#size -= item.size;
  }
}

const isBefore = (one: Held, other: Held): boolean =>
  one.sequence !== undefined && other.sequence !== undefined && one.sequence < other.sequence;
