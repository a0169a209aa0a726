import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { makeService } from './make-service.ts';
import { ask, sendLoad, startHelper, startService, told } from './measured-process.ts';
import { rivalPackage } from './rival-package.ts';
import { ratios } from './time-commands.ts';

const requests = 10_000;
const rounds = 5;
const bareProxy = new URL('bare-proxy.mjs', import.meta.url).pathname;

const routes = `routes:
  - { path: '/api/orders/*', service: orders, rewrite: /v1/orders, scopes: ['orders:read'], rate: 1000000/s }
  - { path: '/open/*', service: orders, rewrite: /v1/orders, auth: none }
`;

type Contestant = 'bare' | 'alone' | 'quiet' | 'guarded' | 'traced';

/** What a generated gateway does in its whole; the others forward and do no more. */
const isWhole = (contestant: Contestant): boolean => contestant !== 'bare' && contestant !== 'alone';

interface Neighbours {
  orders: string;
  issuer: string;
  token: string;
}

export const bench: Bench = {
  id: 'gateway',
  title: 'A generated gateway',
  subject: 'service',
  how: 'Against bare @fastify/http-proxy with the same upstream, run in turn: GET over 32 connections, processor time of the gateway alone, every log line and span counted; medians of the ratios of each round. Tokens are ES256.',
  async run(tell) {
    const RIVAL = rivalPackage('http-proxy', { fastify: '5.12.8', '@fastify/http-proxy': '11.6.3' });
    tell('creating, installing and building a gateway');
    const { folder, bring, build } = makeService('gateway', '--template', 'gateway');
    build();
    bring('gateway-neighbours.mjs');
    bring('forwarder-alone.mjs', 'scripts');
    const file = join(folder, 'bench-routes.yaml');
    writeFileSync(file, routes);
    const neighbours = spawn(process.execPath, ['gateway-neighbours.mjs'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { orders, issuer, token } = await told<Neighbours>(neighbours);
    const tsx = pathToFileURL(join(folder, 'node_modules/tsx/dist/loader.mjs')).href;
    const main = ['--enable-source-maps', join(folder, 'dist/main.js')];
    const programs: Record<Contestant, string[]> = {
      bare: [bareProxy],
      alone: ['--import', tsx, join(folder, 'scripts/forwarder-alone.mjs')],
      quiet: main,
      guarded: main,
      traced: main,
    };
    const own = { ORDERS_URL: orders, ROUTES_FILE: file, AUTH_ISSUER: issuer, REDIS_URL: 'redis://127.0.0.1:1' };

    /** Microseconds of processor time for one request; throws where a log line or a span is missing. */
    const processorTime = async (contestant: Contestant): Promise<number> => {
      const collector = startHelper('span-counter.mjs');
      const port = await told<number>(collector);
      const env: Record<Contestant, NodeJS.ProcessEnv> = {
        bare: { ORDERS_URL: orders, RIVAL },
        alone: { ORDERS_URL: orders },
        quiet: { ...own, LOG_LEVEL: 'error' },
        guarded: own,
        traced: { ...own, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
      };
      const ready = isWhole(contestant) ? '/open/7' : '/api/orders/7';
      const service = await startService(programs[contestant], ready, env[contestant]);
      const url = `${service.url}${contestant === 'quiet' ? '/open/7' : '/api/orders/7'}`;
      const headers = isWhole(contestant) && contestant !== 'quiet' ? { authorization: `Bearer ${token}` } : {};
      await sendLoad(url, requests / 2, undefined, headers);
      const before = await ask(service.child);
      await sendLoad(url, requests, undefined, headers);
      const used = (await ask(service.child)) - before;
      await service.stop();
      const sent = requests * 1.5;
      if ((contestant === 'guarded' || contestant === 'traced') && service.lines() < sent)
        throw new Error(`${service.lines()} log lines for ${sent} requests`);
      if (contestant === 'traced' && (await ask(collector)) < sent) throw new Error('spans are missing');
      collector.kill();
      return used / requests;
    };

    const times: Record<Contestant, number[]> = { bare: [], alone: [], quiet: [], guarded: [], traced: [] };
    try {
      for (let round = 1; round <= rounds; round += 1) {
        for (const contestant of Object.keys(times) as Contestant[]) {
          const time = await processorTime(contestant);
          times[contestant].push(time);
          tell(`round ${round}: ${contestant} ${time.toFixed(1)} µs a request`);
        }
      }
    } finally {
      neighbours.kill();
    }
    const rows: Row[] = [
      atMost(
        'processor time a request: the forwarder alone, with breaker and retries, on bare Fastify',
        0.8,
        ratios(times.alone, times.bare),
      ),
      {
        what: 'for scale: forwarding with breaker, retries, metrics and ids, without a log line',
        result: `${median(ratios(times.quiet, times.bare)).toFixed(2)} ×`,
      },
      atMost(
        'processor time a request: JWT, scopes, breaker, rate limit, log line',
        1.4,
        ratios(times.guarded, times.bare),
      ),
      atMost(
        'processor time a request, every request traced, with a span for the call',
        1.8,
        ratios(times.traced, times.bare),
      ),
      {
        what: 'for scale: a request through bare @fastify/http-proxy here',
        result: `${median(times.bare).toFixed(0)} µs`,
      },
    ];
    return rows;
  },
};
