import type { Duplex } from 'node:stream';
import { Frames, goingAway } from './frames.ts';

/** Milliseconds in which both sides may answer that they are going too. */
const farewellMs = 1_000;

/** A WebSocket between a client and an upstream, from the moment on at which both have agreed. */
export class Tunnel {
  readonly #client: Duplex;
  readonly #upstream: Duplex;
  readonly #toClient = new Frames();
  readonly #toServer = new Frames();
  readonly #idleMs: number;
  /** When something came, from either side, on the clock of `performance.now()`. */
  #movedAt = performance.now();
  #isLeaving = false;
  readonly closed: Promise<void>;

  /** @param idleMs for which both sides may be silent */
  constructor(client: Duplex, upstream: Duplex, idleMs: number) {
    this.#client = client;
    this.#upstream = upstream;
    this.#idleMs = idleMs;
    const watch = (frames: Frames) => (chunk: Buffer) => {
      this.#movedAt = performance.now();
      frames.push(chunk);
    };
    upstream.on('data', watch(this.#toClient));
    client.on('data', watch(this.#toServer));
    client.pipe(upstream).pipe(client);
    const gone = [client, upstream].map(
      (side, i) =>
        new Promise<void>((resolve) => {
          side.on('error', () => side.destroy());
          side.once('close', () => {
            [upstream, client][i]?.destroy();
            resolve();
          });
        }),
    );
    this.closed = Promise.all(gone).then(() => undefined);
  }

  /** Called now and then: ends what nobody uses. */
  checkIdle(now: number): void {
    if (now - this.#movedAt > this.#idleMs) this.leave();
  }

  /** Says 1001 (going away) to both, between two frames, and ends. */
  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    const [client, upstream] = [this.#client, this.#upstream];
    client.unpipe(upstream);
    upstream.unpipe(client);
    this.#sayTo(client, upstream, this.#toClient, goingAway.toClient);
    this.#sayTo(upstream, client, this.#toServer, goingAway.toServer);
    setTimeout(() => {
      client.destroy();
      upstream.destroy();
    }, farewellMs);
  }

  #sayTo(side: Duplex, other: Duplex, frames: Frames, goodbye: Buffer): void {
    if (frames.isBetween) {
      side.end(goodbye);
      other.resume();
      return;
    }
    // The frame that is under way is ended first.
    other.once('data', (chunk: Buffer) => {
      side.write(chunk);
      this.#sayTo(side, other, frames, goodbye);
    });
    other.resume();
  }
}
