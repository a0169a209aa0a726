import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, json } from 'node:stream/consumers';
import { median } from './bench.ts';
import { startReplica, steps } from './saga-service.ts';

export interface Speed {
  perSecond: number;
  /** Milliseconds from the request that starts a saga to the call of its last step. */
  medianMs: number;
}

export interface Measured {
  /** Runs so many sagas, `inFlight` of them at a time. */
  run(count: number): Promise<Speed>;
  stop(): Promise<void>;
}

const inFlight = 16;

interface Program {
  folder: string;
  program: string;
  database: string;
  /** Whether every saga is traced, and its spans are sent. */
  traced?: boolean;
}

/** One process that runs sagas, beside a service that answers their steps at once and takes its spans. */
export async function startMeasured({ folder, program, database, traced }: Program): Promise<Measured> {
  const waiting = new Map<string, () => void>();
  let spans = 0;
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/traces') {
      spans += (await buffer(request)).length;
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }
    const { reference } = (await json(request)) as { reference: string };
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"1"}');
    if (request.url === `/${steps.at(-1)}`) waiting.get(reference)?.();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addresses = steps.map((step) => [`${step.replaceAll('-', '_').toUpperCase()}_URL`, remote]);
  const env = {
    DATABASE_URL: database,
    REMOTE_URL: remote,
    ...Object.fromEntries(addresses),
    ...(traced && { OTEL_EXPORTER_OTLP_ENDPOINT: remote }),
  };
  const replica = await startReplica(folder, program, env);

  async function runOne(): Promise<number> {
    const id = crypto.randomUUID();
    const startedAt = performance.now();
    const ended = new Promise<void>((resolve) => void waiting.set(id, resolve));
    const response = await fetch(`${replica.url}/v1/place-order/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reference: id }),
    });
    await response.arrayBuffer();
    if (response.status !== 202) throw new Error(`a saga was not taken: ${response.status}`);
    await ended;
    waiting.delete(id);
    return performance.now() - startedAt;
  }

  return {
    async run(count) {
      const times: number[] = [];
      let next = 0;
      const worker = async () => {
        while (next++ < count) times.push(await runOne());
      };
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: inFlight }, worker));
      return { perSecond: count / ((performance.now() - startedAt) / 1000), medianMs: median(times) };
    },
    async stop() {
      await replica.stop();
      if (traced && spans === 0) throw new Error('a process that should be traced has sent no spans');
      server.closeAllConnections();
      server.close();
    },
  };
}
