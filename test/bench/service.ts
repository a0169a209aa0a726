import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { sizeText } from './installed-size.ts';
import { makeService } from './make-service.ts';
import { ask, sendLoad, startHelper, startService, told } from './measured-process.ts';
import { rivalPackage } from './rival-package.ts';
import { ratios } from './time-commands.ts';

const requests = 15_000;
const rounds = 5;
const root = new URL('../..', import.meta.url).pathname;
const order = JSON.stringify({ customerId: 'c-1', items: [{ sku: 'tea', quantity: 2 }] });

type Contestant = 'bare' | 'untraced' | 'traced' | 'nest';

/** A service as `create-microservice` makes it, installed and built, with a bare Fastify beside it. */
function buildService(): string {
  const { folder, build, bring } = makeService('service');
  build();
  for (const file of ['bare-fastify.mjs', 'bare-order.mjs']) bring(file);
  return folder;
}

/** A NestJS service with the same functions, every request traced. */
function installNest(): string {
  const folder = rivalPackage('nest', {
    '@nestjs/common': '12.5.1',
    '@nestjs/core': '12.5.1',
    '@nestjs/platform-express': '12.5.1',
    '@opentelemetry/api': '1.9.1',
    '@opentelemetry/auto-instrumentations-node': '0.81.2',
    'class-transformer': '0.5.1',
    'class-validator': '0.15.1',
    pino: '10.4.0',
    'pino-http': '11.0.0',
    'prom-client': '15.1.3',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
  });
  copyFileSync(join(root, 'test/bench/nest-service.mjs'), join(folder, 'nest-service.mjs'));
  return folder;
}

const nestCommand = (folder: string): string[] => {
  const tracing = 'node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js';
  return ['--import', join(folder, tracing), join(folder, 'nest-service.mjs')];
};

/** What the image would hold of other people's packages: the service's own lock file, without development. */
function productionInstall(service: string): string {
  const folder = `${service}-production`;
  mkdirSync(folder);
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(service, file), join(folder, file));
  execFileSync('npm', ['install', '--omit=dev', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' });
  return folder;
}

const traced = (port: number): Record<Contestant, NodeJS.ProcessEnv> => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}`;
  const nest = {
    OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    // The others would ask the clouds where they are.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,process',
  };
  return { bare: {}, untraced: {}, traced: { OTEL_EXPORTER_OTLP_ENDPOINT }, nest };
};

/** Microseconds of processor time for one GET of an order; throws where a log line or a span is missing. */
async function processorTime(
  contestant: Contestant,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  spans: () => Promise<number>,
) {
  const service = await startService(args, '/v1/orders', env);
  const placed = await fetch(`${service.url}/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: order,
  });
  const url = `${service.url}/v1/orders/${((await placed.json()) as { id: string }).id}`;
  await sendLoad(url, requests / 3);
  const before = await ask(service.child);
  await sendLoad(url, requests);
  const used = (await ask(service.child)) - before;
  await service.stop();

  const sent = requests + requests / 3;
  if (contestant !== 'bare' && service.lines() < sent)
    throw new Error(`${service.lines()} log lines for ${sent} requests`);
  if (contestant === 'traced' || contestant === 'nest') {
    const exported = await spans();
    if (exported < sent) throw new Error(`${exported} server spans for ${sent} requests`);
  }
  return used / requests;
}

async function measureProcessorTime(
  commands: Record<Contestant, readonly string[]>,
  tell: (line: string) => void,
): Promise<Row[]> {
  const times: Record<Contestant, number[]> = { bare: [], untraced: [], traced: [], nest: [] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of Object.keys(times) as Contestant[]) {
      const collector = startHelper('span-counter.mjs');
      const port = await told<number>(collector);
      const env = traced(port)[contestant];
      const time = await processorTime(contestant, commands[contestant], env, () => ask(collector));
      collector.kill();
      times[contestant].push(time);
      tell(`round ${round}: ${contestant} ${time.toFixed(1)} µs a request`);
    }
  }
  return [
    atMost('processor time a request, all but traces', 1.7, ratios(times.untraced, times.bare)),
    atMost('processor time a request, every request traced', 1.9, ratios(times.traced, times.bare)),
    {
      what: 'for scale: NestJS with the same functions, every request traced',
      result: `${median(ratios(times.nest, times.bare)).toFixed(1)} ×`,
    },
    { what: 'for scale: a request to bare Fastify here', result: `${median(times.bare).toFixed(0)} µs` },
  ];
}

async function measureFirst200(
  commands: Record<Contestant, readonly string[]>,
  tell: (line: string) => void,
): Promise<Row> {
  const times: Record<'bare' | 'traced', number[]> = { bare: [], traced: [] };
  tell(`first 200, ${rounds * 3} rounds`);
  for (let round = 0; round < rounds * 3; round += 1) {
    for (const contestant of ['bare', 'traced'] as const) {
      // Nobody listens there: the SDK is loaded and started all the same.
      const env = contestant === 'traced' ? { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } : {};
      const service = await startService(commands[contestant], '/v1/orders', env);
      times[contestant].push(service.first200);
      await service.stop();
    }
  }
  return atMost('start to first 200, everything on, production build', 1.7, ratios(times.traced, times.bare));
}

export const bench: Bench = {
  id: 'service',
  title: 'A generated service',
  subject: 'service',
  how: 'Against bare Fastify with the same route, run in turn: GET of one order over 32 connections, processor time of the service alone, every log line and span counted; medians of the ratios of each round.',
  async run(tell) {
    const nest = installNest();
    tell('creating, installing and building a service');
    const folder = buildService();
    const main = ['--enable-source-maps', join(folder, 'dist/main.js')];
    const commands = {
      bare: [join(folder, 'bare-fastify.mjs')],
      untraced: main,
      traced: main,
      nest: nestCommand(nest),
    };
    const rows = await measureProcessorTime(commands, tell);
    return [
      ...rows,
      await measureFirst200(commands, tell),
      { what: 'production install', result: sizeText(productionInstall(folder)) },
      { what: 'for scale: NestJS with the same functions', result: sizeText(nest) },
    ];
  },
};
