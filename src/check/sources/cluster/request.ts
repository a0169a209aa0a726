import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import type { Connection } from './kubeconfig.ts';

/** One answer of the API server, whatever its status. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Empty where `onChunk` took it. */
  body: string;
  /** There was more than was wanted. */
  cut?: true;
}

/** One request to the API server. */
export interface Question {
  path: string;
  accept: string;
  send?: { method: 'POST'; body: string };
  /** Besides those of every request, and instead of them. */
  headers?: Readonly<Record<string, string>>;
  /** Bytes of the body that are wanted: what comes after them is not read. */
  most?: number;
  /** Takes the body of a success as it arrives; what it throws ends the exchange. */
  onChunk?: (chunk: Buffer) => void;
}

/** How long one exchange may take. */
export interface RequestLimits {
  /** Milliseconds without a byte. */
  idle: number;
  signal: AbortSignal;
}

/** No document is near this, and no page of 500 of the largest objects; a server that sends more is not one. */
const limits = { whole: 256 * 1024 * 1024, inPieces: 1024 * 1024 * 1024 };

/** Thrown where the server did not answer within its time; everything else is the error of the socket itself. */
export class TimedOut extends Error {
  readonly code = 'TIMED_OUT';
}

/** One exchange with the API server. Resolves with any status; rejects where there was no complete answer. */
export async function exchange(
  connection: Connection,
  { path, accept, send, headers: more, most: wanted, onChunk }: Question,
  { idle, signal }: RequestLimits,
): Promise<Answer> {
  const url = new URL(connection.server);
  const [pathname, search = ''] = path.split('?');
  // A server address may carry a path of its own, as those of multi-cluster proxies do.
  url.pathname = `${url.pathname.replace(/\/$/, '')}${pathname}`;
  url.search = search;
  const headers = {
    ...(await connection.headers()),
    accept,
    'user-agent': 'msvc-check-cluster',
    // Packing costs the server more than a loopback or pod network saves.
    ...(isNear(url.hostname) ? {} : { 'accept-encoding': 'gzip' }),
    ...(send && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(send.body) }),
    ...more,
  };
  const most = onChunk ? limits.inPieces : limits.whole;
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = start(
      url,
      { method: send?.method ?? 'GET', agent: connection.agent, headers, signal, timeout: idle },
      (answer) => {
        const packed = answer.headers['content-encoding'] === 'gzip';
        const stream = packed ? answer.pipe(createGunzip()) : answer;
        const chunks: Buffer[] = [];
        let size = 0;
        stream.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (wanted !== undefined && size > wanted) {
            chunks.push(chunk.subarray(0, chunk.length - (size - wanted)));
            const body = Buffer.concat(chunks).toString();
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, cut: true });
            sent.destroy();
          } else if (size > most) sent.destroy(new Error(`the answer is longer than ${most} bytes`));
          else if (!onChunk || (answer.statusCode ?? 0) >= 400) chunks.push(chunk);
          else {
            try {
              onChunk(chunk);
            } catch (error) {
              sent.destroy();
              reject(error);
            }
          }
        });
        answer.on('error', reject);
        stream.on('error', reject);
        answer.on('aborted', () => reject(new Error('the answer broke off')));
        stream.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new TimedOut(`no answer for ${idle} ms`)));
    sent.on('error', reject);
    sent.end(send?.body);
  });
}

const isNear = (host: string) => host === 'localhost' || host === '[::1]' || host.startsWith('127.');
