/** As long as it takes that all calls fail which an instance had. */
const atOnceMs = 2_000;
const remembersMs = 60_000;

/**
 * What the instances of a service did last, by their addresses. When one of several ends, all calls that it had fail at
 * the same moment: its fault, which should open no circuit while the others answer.
 */
export class Peers {
  readonly #answered = new Map<string, number>();
  readonly #failed = new Map<string, number>();
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  answered(peer: string): void {
    if (!isAddress(peer)) return;
    this.#failed.delete(peer);
    this.#answered.set(peer, this.#now());
  }

  /** @returns whether at least as many others answered last as fail now: the service is there, and grpc-js asks them. */
  failed(peer: string): boolean {
    // Nobody was connected to be asked.
    if (!isAddress(peer)) return false;
    const now = this.#now();
    this.#failed.set(peer, now);
    this.#answered.delete(peer);
    forget(this.#failed, now - atOnceMs);
    forget(this.#answered, now - remembersMs);
    return this.#answered.size >= this.#failed.size;
  }
}

/** `10.0.0.1:50051` and `[fd00::1]:50051`; a call that never got that far has the name of its target. */
const isAddress = (peer: string): boolean => /^[\d[]/.test(peer);

function forget(times: Map<string, number>, before: number): void {
  for (const [peer, at] of times) if (at < before) times.delete(peer);
}
