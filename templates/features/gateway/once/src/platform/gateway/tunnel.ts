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
  readonly closed: Promise<void>;

  constructor(client: Duplex, upstream: Duplex) {
    this.#client = client;
    this.#upstream = upstream;
    upstream.on('data', (chunk: Buffer) => this.#toClient.push(chunk));
    client.on('data', (chunk: Buffer) => this.#toServer.push(chunk));
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

  /** Says 1001 (going away) to both, between two frames, and ends. */
  leave(): void {
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
