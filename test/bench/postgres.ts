import { join } from 'node:path';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { makeService } from './make-service.ts';
import { ask, sendLoad, startService } from './measured-process.ts';
import { startPostgres } from './saga-service.ts';
import { ratios } from './time-commands.ts';

const requests = 10_000;
const rounds = 5;
const order = JSON.stringify({ customerId: 'c-1', items: [{ sku: 'tea', quantity: 2 }] });

interface Contestant {
  args: readonly string[];
  /** A path that answers 200 when it is up. */
  up: string;
  database: string;
  /** It writes a line for each request. */
  logs: boolean;
}

/** A service with Postgres as a person gets it, installed and built, with bare pg and Fastify beside it. */
function buildService(): string {
  const { folder, build, bring } = makeService('postgres', '--with', 'postgres');
  build();
  for (const file of ['bare-postgres.mjs', 'bare-order.mjs']) bring(file);
  return folder;
}

/** Microseconds of processor time for one order read, and for one placed. */
async function processorTimes({ args, up, database, logs }: Contestant): Promise<{ read: number; place: number }> {
  const service = await startService(args, up, { DATABASE_URL: database });
  const orders = `${service.url}/v1/orders`;
  const measure = async (url: string, body?: string): Promise<number> => {
    await sendLoad(url, requests / 2, body);
    const before = await ask(service.child);
    await sendLoad(url, requests, body);
    return ((await ask(service.child)) - before) / requests;
  };
  const place = await measure(orders, order);
  const placed = await fetch(orders, { method: 'POST', headers: { 'content-type': 'application/json' }, body: order });
  const read = await measure(`${orders}/${((await placed.json()) as { id: string }).id}`);
  await service.stop();
  if (logs && service.lines() < 2 * requests)
    throw new Error(`${service.lines()} log lines for ${2 * requests} requests`);
  return { read, place };
}

async function measureAll(folder: string, tell: (line: string) => void): Promise<Row[]> {
  const postgres = await startPostgres(folder);
  const main = ['--enable-source-maps', join(folder, 'dist/main.js')];
  const contestants: Record<'ours' | 'bare', Contestant> = {
    bare: { args: [join(folder, 'bare-postgres.mjs')], up: '/up', database: postgres.url('direct'), logs: false },
    ours: { args: main, up: '/health/ready', database: postgres.url('ours'), logs: true },
  };
  const times = {
    bare: { read: [] as number[], place: [] as number[] },
    ours: { read: [] as number[], place: [] as number[] },
  };
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const name of ['bare', 'ours'] as const) {
        const { read, place } = await processorTimes(contestants[name]);
        times[name].read.push(read);
        times[name].place.push(place);
        tell(`round ${round}: ${name} ${read.toFixed(0)} µs to read, ${place.toFixed(0)} µs to place an order`);
      }
    }
  } finally {
    await postgres.remove();
  }
  return [
    atMost('processor time to read an order, all but traces', 2.5, ratios(times.ours.read, times.bare.read)),
    atMost('processor time to place an order, all but traces', 2.5, ratios(times.ours.place, times.bare.place)),
    {
      what: 'for scale: an order read from bare pg and Fastify here',
      result: `${median(times.bare.read).toFixed(0)} µs`,
    },
  ];
}

export const bench: Bench = {
  id: 'postgres',
  title: 'A generated service with Postgres',
  subject: 'service',
  how: 'Against the same route and queries on bare pg and Fastify, run in turn over 32 connections, processor time of the service alone, every log line counted; medians of the ratios of each round.',
  async run(tell) {
    tell('creating, installing and building a service');
    return measureAll(buildService(), tell);
  },
};
