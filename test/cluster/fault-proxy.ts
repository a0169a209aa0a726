import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Access } from './api.ts';

/**
 * What goes wrong with one answer. `truncated` breaks the connection off, `cut` ends it properly in the middle of the
 * text, `plain` is the answer of a server that knows no other form than plain JSON, `expired` a watch that says in an
 * event that it cannot go on from there.
 */
export type Fault = 403 | 404 | 410 | 429 | 500 | 'reset' | 'truncated' | 'cut' | 'slow' | 'plain' | 'expired';

export interface FaultProxy {
  /** Address for a kubeconfig: plain HTTP on 127.0.0.1. */
  server: string;
  /** Paths with their queries, in the order they were asked for. */
  asked: string[];
  /** Breaks off every connection, also those that wait for the next event. */
  cut(): void;
  close(): Promise<void>;
}

/** Stands before the API server and answers with `choose(path)` where it names a fault. */
export async function faultProxy(access: Access, choose: (path: string) => Fault | undefined): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, ca: access.ca });
  const asked: string[] = [];
  const server = createServer((incoming, answer) => {
    const path = incoming.url ?? '/';
    asked.push(path);
    const fault = choose(path);
    if (typeof fault === 'number') return refuse(answer, fault);
    if (fault === 'reset') return void incoming.socket.resetAndDestroy();
    // Silence: whoever asked has to give up.
    if (fault === 'slow') return;
    if (fault === 'expired') return expire(answer);
    forward(incoming, answer, new URL(path, access.server), agent, access.ca, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    cut: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

function expire(answer: ServerResponse): void {
  const object = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 410, message: 'injected 410' };
  answer.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
}

function refuse(answer: ServerResponse, code: number): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message: `injected ${code}` };
  answer.writeHead(code, { 'content-type': 'application/json', ...(code === 429 && { 'retry-after': '0' }) });
  answer.end(JSON.stringify(status));
}

function forward(
  incoming: IncomingMessage,
  answer: ServerResponse,
  url: URL,
  agent: Agent,
  ca: string,
  fault: 'truncated' | 'cut' | 'plain' | undefined,
): void {
  const { host: _, ...asked } = incoming.headers;
  const headers = fault === 'plain' ? { ...asked, accept: 'application/json' } : asked;
  const sent = request(url, { method: incoming.method, headers, agent, ca }, (received) => {
    if (fault === undefined) {
      // As it comes: a watch has no end to wait for.
      answer.writeHead(received.statusCode ?? 502, received.headers).flushHeaders();
      received.on('error', () => answer.destroy());
      received.pipe(answer);
      return;
    }
    const chunks: Buffer[] = [];
    received.on('data', (chunk: Buffer) => chunks.push(chunk));
    received.on('end', () => {
      const body = Buffer.concat(chunks);
      const half = body.subarray(0, Math.floor(body.length / 2));
      const { 'content-length': __, 'transfer-encoding': ___, ...kept } = received.headers;
      answer.writeHead(received.statusCode ?? 502, {
        ...kept,
        ...(fault === 'truncated' && { 'content-length': body.length }),
      });
      if (fault === 'truncated') answer.write(half, () => answer.destroy());
      else answer.end(fault === 'cut' ? half : body);
    });
  });
  sent.on('error', () => answer.destroy());
  answer.on('close', () => sent.destroy());
  incoming.pipe(sent);
}
