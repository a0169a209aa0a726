import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { fileRows } from './gateway-files.ts';
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
const withSessions = `${routes}  - { path: '/mine/*', service: orders, rewrite: /v1/orders, auth: session, scopes: ['orders:read'], rate: 1000000/s }
`;

const paths = {
  bare: '/api/orders/7',
  alone: '/api/orders/7',
  quiet: '/open/7',
  guarded: '/api/orders/7',
  traced: '/api/orders/7',
  session: '/mine/7',
};
type Contestant = keyof typeof paths;

/** A generated gateway in its whole; the others forward and do no more. */
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
  how: 'Against bare @fastify/http-proxy with the same upstream, run in turn: GET over 32 connections, processor time of the gateway alone, every log line and span counted; medians of the ratios of each round. Tokens are ES256. Of memory medians of three processes.',
  async run(tell) {
    const RIVAL = rivalPackage('http-proxy', { fastify: '5.12.8', '@fastify/http-proxy': '11.6.3' });
    tell('creating, installing and building a gateway');
    const { folder, bring, build } = makeService('gateway', '--template', 'gateway');
    build();
    bring('gateway-neighbours.mjs');
    bring('forwarder-alone.mjs', 'scripts');
    bring('gateway-log-in.mjs');
    const [file, sessionsFile] = [join(folder, 'bench-routes.yaml'), join(folder, 'bench-sessions.yaml')];
    writeFileSync(file, routes);
    writeFileSync(sessionsFile, withSessions);
    const neighbours = spawn(process.execPath, ['gateway-neighbours.mjs'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { orders, issuer, token } = await told<Neighbours>(neighbours);
    const logIns = spawn(process.execPath, ['--import', 'tsx', 'gateway-log-in.mjs'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const loginSettings = await told<Record<string, string>>(logIns);
    const tsx = pathToFileURL(join(folder, 'node_modules/tsx/dist/loader.mjs')).href;
    const main = ['--enable-source-maps', join(folder, 'dist/main.js')];
    const programs: Record<Contestant, string[]> = {
      bare: [bareProxy],
      alone: ['--import', tsx, join(folder, 'scripts/forwarder-alone.mjs')],
      quiet: main,
      guarded: main,
      traced: main,
      session: main,
    };
    const own = { ORDERS_URL: orders, ROUTES_FILE: file, AUTH_ISSUER: issuer, REDIS_URL: 'redis://127.0.0.1:1' };

    const headersOf = async (contestant: Contestant, gateway: string): Promise<Record<string, string>> => {
      if (!isWhole(contestant) || contestant === 'quiet') return {};
      if (contestant !== 'session') return { authorization: `Bearer ${token}` };
      const cookie = told<string>(logIns);
      logIns.send(gateway);
      return { cookie: await cookie };
    };

    /** Microseconds of processor time for one request; throws where a log line or a span is missing. */
    const processorTime = async (contestant: Contestant): Promise<number> => {
      const collector = startHelper('span-counter.mjs');
      const port = await told<number>(collector);
      const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
      const env: Record<Contestant, NodeJS.ProcessEnv> = {
        bare: { ORDERS_URL: orders, RIVAL },
        alone: { ORDERS_URL: orders },
        quiet: { ...own, LOG_LEVEL: 'error' },
        guarded: own,
        traced: { ...own, ...traces },
        session: { ...own, ...loginSettings, ...traces, ROUTES_FILE: sessionsFile },
      };
      const ready = isWhole(contestant) ? paths.quiet : paths.bare;
      const service = await startService(programs[contestant], ready, env[contestant]);
      const url = service.url + paths[contestant];
      const headers = await headersOf(contestant, service.url);
      await sendLoad(url, requests / 2, undefined, headers);
      const before = await ask(service.child);
      await sendLoad(url, requests, undefined, headers);
      const used = (await ask(service.child)) - before;
      await service.stop();
      const sent = requests * 1.5;
      if (isWhole(contestant) && contestant !== 'quiet' && service.lines() < sent)
        throw new Error(`${service.lines()} log lines for ${sent} requests`);
      const isTraced = contestant === 'traced' || contestant === 'session';
      if (isTraced && (await ask(collector)) < sent) throw new Error('spans are missing');
      collector.kill();
      return used / requests;
    };

    const times: Record<Contestant, number[]> = {
      bare: [],
      alone: [],
      quiet: [],
      guarded: [],
      traced: [],
      session: [],
    };
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
      logIns.disconnect();
    }
    const rows: Row[] = [
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
      atMost('the same by the session cookie of a browser, its session in Redis', 2, ratios(times.session, times.bare)),
      atMost(
        'processor time a request: the forwarder alone, with breaker and retries, on bare Fastify',
        0.8,
        ratios(times.alone, times.bare),
      ),
      {
        what: 'for scale: a request through bare @fastify/http-proxy here',
        result: `${median(times.bare).toFixed(0)} µs`,
      },
    ];
    return [...rows, ...(await fileRows(folder, tell))];
  },
};
