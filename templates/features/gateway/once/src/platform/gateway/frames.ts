/**
 * Where in a stream of WebSocket frames (RFC 6455, 5.2) we are. A frame of our own may only stand between two others.
 */
export class Frames {
  #header = Buffer.alloc(0);
  #left = 0n;

  get isBetween(): boolean {
    return this.#left === 0n && this.#header.length === 0;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left > 0n) {
        const taken = this.#left < BigInt(rest.length) ? Number(this.#left) : rest.length;
        this.#left -= BigInt(taken);
        rest = rest.subarray(taken);
        continue;
      }
      // A header is 14 bytes at most.
      const before = this.#header.length;
      this.#header = Buffer.concat([this.#header, rest.subarray(0, 14 - before)]);
      const size = headerSize(this.#header);
      if (size === undefined || this.#header.length < size) return;
      rest = rest.subarray(size - before);
      this.#left = payloadSize(this.#header);
      this.#header = Buffer.alloc(0);
    }
  }
}

function headerSize(header: Buffer): number | undefined {
  if (header.length < 2) return undefined;
  const second = header.readUInt8(1);
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
}

function payloadSize(header: Buffer): bigint {
  const short = header.readUInt8(1) & 0x7f;
  if (short === 126) return BigInt(header.readUInt16BE(2));
  return short === 127 ? header.readBigUInt64BE(2) : BigInt(short);
}

/** "Going away", as a server says it, and as a client does, whose frames are masked (here by zeros). */
export const goingAway = {
  toClient: Buffer.from([0x88, 0x02, 0x03, 0xe9]),
  toServer: Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]),
};
