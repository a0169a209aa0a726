import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';

export interface WebSocketUpstream {
  url: string;
  /** Every handshake that arrived. */
  requests: IncomingMessage[];
  /** Frames that are no message: 8 is the end. */
  controls: { opcode: number; payload: Buffer }[];
  sockets: Duplex[];
}

/** A real WebSocket server that sends back what it gets, or answers every handshake with a status. */
export async function startWebSocketUpstream(t: TestContext, status?: number): Promise<WebSocketUpstream> {
  const upstream: WebSocketUpstream = { url: '', requests: [], controls: [], sockets: [] };
  const server = createServer((_request, response) => response.end('no WebSocket'));
  server.on('upgrade', (request, socket, head) => {
    upstream.requests.push(request);
    upstream.sockets.push(socket);
    socket.on('error', () => socket.destroy());
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 4\r\nx-why: this\r\n\r\nnope`);
      return;
    }
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    let buffered: Buffer = head;
    const read = (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (let frame = takeFrame(buffered); frame; frame = takeFrame(buffered)) {
        buffered = frame.rest;
        if (frame.opcode >= 8) upstream.controls.push(frame);
        if (frame.opcode === 8) socket.end(frameOf(8, frame.payload));
        if (frame.opcode < 8) socket.write(frameOf(frame.opcode, frame.payload));
      }
    };
    read(Buffer.alloc(0));
    socket.on('data', read);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    for (const socket of upstream.sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return upstream;
}

export function frameOf(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (head.length === 2) head[1] = payload.length;
  else if (head.length === 4) head.writeUInt16BE(payload.length, head.writeUInt8(126, 1));
  else head.writeBigUInt64BE(BigInt(payload.length), head.writeUInt8(127, 1));
  return Buffer.concat([head, payload]);
}

/** The first frame of a client, unmasked. */
function takeFrame(bytes: Buffer) {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at + 4) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = at + 4 + length;
  if (bytes.length < end) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, end)).map((byte, i) => byte ^ (mask[i % 4] as number));
  return { opcode: bytes.readUInt8(0) & 0x0f, payload: Buffer.from(payload), rest: bytes.subarray(end) };
}
