/** As long as it takes that all calls fail which an instance had. */
const atOnceMs = 2_000;
const remembersMs = 60_000;
/** As long as it may take that one which is new is connected. */
const connectsMs = 5_000;
const [shortestMs, longestMs] = [1_000, 60_000];

/** An instance by what came of the calls that it was sent last. Times are on the clock of `performance.now()`. */
interface Peer {
  /** In a row, of which all at the same moment are one. */
  failures: number;
  toldAt: number;
  /** Until then it is left out. */
  until: number;
}

/**
 * What the instances of a service did last, by their addresses. One that fails is left out for a second, and twice as
 * long each time until it answers; while more than half fail none is, or the others would have to bear it all.
 */
export class Peers {
  readonly #known = new Map<string, Peer>();
  /** Those that there are, and since when. */
  readonly #listed = new Map<string, number>();
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  get count(): number {
    return this.#known.size;
  }

  /** Those that calls can be shared out to, connected or not. */
  listed(addresses: readonly string[]): void {
    for (const known of this.#listed.keys()) if (!addresses.includes(known)) this.#listed.delete(known);
    for (const one of addresses) if (!this.#listed.has(one)) this.#listed.set(one, this.#now());
  }

  answered(address: string): void {
    const known = this.#known.get(address);
    if (known) Object.assign(known, { failures: 0, toldAt: this.#now() });
    else if (isAddress(address)) this.#tell(address, { failures: 0, toldAt: this.#now(), until: -Infinity });
  }

  /**
   * @returns whether it is the fault of that one: as many others answered last, or are so new that nobody has asked them,
   * as fail now. When one of several ends, all calls that it had fail at the same moment, which should open no circuit;
   * nor should one that is connected before the others, and fails.
   */
  failed(address: string): boolean {
    // Nobody was connected to be asked.
    if (!isAddress(address)) return false;
    const now = this.#now();
    const { failures, until } = this.#known.get(address) ?? { failures: 0, until: 0 };
    const isFirst = failures === 0;
    this.#tell(address, { failures: failures || 1, toldAt: now, until: isFirst ? now + leftOutMs(1) : until });
    const failing = [...this.#known.values()].filter((peer) => peer.failures > 0 && peer.toldAt >= now - atOnceMs);
    return this.#well + this.#new >= failing.length;
  }

  /** One call after each time that it was left out finds out how it is. */
  mayAsk(address: string): boolean {
    const peer = this.#known.get(address);
    if (!peer || peer.failures === 0) return true;
    const fresh = this.#new;
    if (this.#well + fresh < (this.#known.size + fresh) / 2) return true;
    const now = this.#now();
    if (now < peer.until) return false;
    // Until it has answered, it will have failed this one too.
    peer.failures += 1;
    peer.until = now + leftOutMs(peer.failures);
    return true;
  }

  /** Those that nothing was heard of are gone, or as good as new. */
  #tell(address: string, peer: Peer): void {
    this.#known.set(address, peer);
    for (const [one, { toldAt }] of this.#known) if (toldAt < peer.toldAt - remembersMs) this.#known.delete(one);
  }

  get #new(): number {
    const since = this.#now() - connectsMs;
    return [...this.#listed].filter(([address, at]) => at >= since && !this.#known.has(address)).length;
  }

  get #well(): number {
    return [...this.#known.values()].filter(({ failures }) => failures === 0).length;
  }
}

const leftOutMs = (failures: number): number => Math.min(longestMs, shortestMs * 2 ** (failures - 1));

/** `10.0.0.1:50051` and `[fd00::1]:50051`; a call that never got that far has the name of its target. */
const isAddress = (peer: string): boolean => /^[\d[]/.test(peer);
