import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** The other services of the torture: each key has its effect once, and calls fail as the seed says. */
export interface SagaRemote {
  url: string;
  calls: number;
  /** Per saga and step, the keys whose effect stands. More than one: an effect that was asked for twice. */
  standing(saga: string, step: string): number;
  /** Whether a step of that saga was refused: the only reason to undo it. */
  wasRefused(saga: string): boolean;
  /** Whether anybody ever asked to undo something of that saga. */
  wasUndone(saga: string): boolean;
  close(): Promise<void>;
}

interface Entry {
  saga: string;
  step: string;
  state: 'done' | 'undone';
}

export async function startSagaRemote(seed: number): Promise<SagaRemote> {
  const entries = new Map<string, Entry>();
  const undone = new Set<string>();
  const refused = new Set<string>();
  const seen = new Map<string, number>();
  const chance = (...parts: unknown[]): number =>
    createHash('sha1')
      .update([seed, ...parts].join(':'))
      .digest()
      .readUInt32BE(0) /
    2 ** 32;

  function act(key: string, saga: string, step: string): number {
    const entry = entries.get(key);
    if (entry?.state === 'undone') return 410;
    if (!entry) entries.set(key, { saga, step, state: 'done' });
    return 201;
  }

  function undo(key: string, saga: string, step: string): number {
    undone.add(saga);
    entries.set(key, { saga, step, state: 'undone' });
    return 204;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    remote.calls += 1;
    const isUndo = request.method === 'DELETE';
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const step = pathname.slice(1);
    const key = String(isUndo ? searchParams.get('key') : request.headers['idempotency-key']);
    const body = isUndo ? undefined : ((await json(request)) as { reference: string });
    const saga = body?.reference ?? key.split(':')[1] ?? '';
    const count = (seen.get(`${request.method} ${key}`) ?? 0) + 1;
    seen.set(`${request.method} ${key}`, count);
    const luck = chance(request.method, key, count);
    await wait(60 * chance('delay', key, count));
    // One step in ten is refused by the business, for good; the rest of the trouble is of the network and passes.
    if (!isUndo && chance('refused', key) < 0.1) {
      refused.add(saga);
      return void response.writeHead(422).end('{}');
    }
    if (luck < 0.08) return void response.writeHead(503).end('{}');
    if (luck < 0.12) return void request.socket.destroy();
    const status = isUndo ? undo(key, saga, step) : act(key, saga, step);
    if (luck < 0.18) return void request.socket.destroy();
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(status === 204 ? undefined : JSON.stringify({ id: key }));
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote: SagaRemote = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: 0,
    standing: (saga, step) =>
      [...entries.values()].filter((entry) => entry.saga === saga && entry.step === step && entry.state === 'done')
        .length,
    wasRefused: (saga) => refused.has(saga),
    wasUndone: (saga) => undone.has(saga),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return remote;
}
