import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { median } from './bench.ts';
import { startReplica, steps } from './saga-service.ts';

export interface Speed {
  perSecond: number;
  /** Milliseconds from the request that starts a saga to the call of its last step. */
  medianMs: number;
}

const sagas = 400;
const inFlight = 16;

/** Sagas through one process, `inFlight` of them at a time, against a service that answers at once. */
export async function measureSpeed(folder: string, program: string, database: string): Promise<Speed> {
  const waiting = new Map<string, () => void>();
  const server = createServer(async (request, response) => {
    const { reference } = (await json(request)) as { reference: string };
    response.writeHead(201).end('{"id":"1"}');
    if (request.url === `/${steps.at(-1)}`) waiting.get(reference)?.();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addresses = steps.map((step) => [`${step.replaceAll('-', '_').toUpperCase()}_URL`, remote]);
  const env = { DATABASE_URL: database, REMOTE_URL: remote, ...Object.fromEntries(addresses) };
  const replica = await startReplica(folder, program, env);

  const one = async (id: string): Promise<number> => {
    const startedAt = performance.now();
    const ended = new Promise<void>((resolve) => void waiting.set(id, resolve));
    const response = await fetch(`${replica.url}/v1/place-order/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reference: id }),
    });
    if (response.status !== 202) throw new Error(`a saga was not taken: ${response.status}`);
    await ended;
    return performance.now() - startedAt;
  };
  const run = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    let next = 0;
    const worker = async () => {
      while (next++ < count) times.push(await one(crypto.randomUUID()));
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    return times;
  };

  try {
    await run(sagas / 4);
    const startedAt = performance.now();
    const times = await run(sagas);
    return { perSecond: sagas / ((performance.now() - startedAt) / 1000), medianMs: median(times) };
  } finally {
    await replica.stop();
    server.closeAllConnections();
    server.close();
  }
}
