import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';
import { atMost, type Bench, type Lost, lostRows, median } from './bench.ts';
import { makeService } from './make-service.ts';
import { ask, startHelper, startService, told } from './measured-process.ts';
import { ratios } from './time-commands.ts';

const calls = 15_000;
const rounds = 5;
const stock = new URL('../generate/contracts/documents/stock.proto', import.meta.url).pathname;

const contestants = ['bare', 'ours', 'traced'] as const;
type Contestant = (typeof contestants)[number];

/** A service with a gRPC server and a client, with bare ones beside them. */
function buildService(): string {
  const { folder, build, msvc, bring } = makeService('rpc', '--template', 'grpc', '--with', 'discovery');
  msvc('add-client', 'stock', '--grpc', stock);
  build();
  const load = ['bare-rpc.mjs', 'bare-rpc-contract.mjs', 'rpc-load.mjs'];
  const churn = ['rpc-churn.mjs', 'rpc-upstream.mjs', 'churn-upstreams.mjs'];
  for (const file of [...load, ...churn]) bring(file, 'scripts');
  return folder;
}

/** Microseconds of processor time for one call, of client and server; throws where a log line or a span is missing. */
async function processorTime(folder: string, kind: Contestant): Promise<{ client: number; server: number }> {
  const collector = startHelper('span-counter.mjs');
  const collectorPort = await told<number>(collector);
  const port = await freePort();
  const env = {
    RPC_PORT: String(port),
    ...(kind === 'traced' && { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collectorPort}` }),
  };
  const main =
    kind === 'bare' ? [join(folder, 'scripts/bare-rpc.mjs')] : ['--enable-source-maps', join(folder, 'dist/main.js')];
  const cwd = process.cwd();
  process.chdir(folder);
  const server = await startService(main, kind === 'bare' ? '/' : '/health/ready', env).finally(() =>
    process.chdir(cwd),
  );
  const client = spawn(
    process.execPath,
    ['--import', 'tsx', 'scripts/rpc-load.mjs', kind, String(port), String(calls)],
    { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  await told(client);
  const before = await ask(server.child);
  const result = told<number>(client);
  client.send('go');
  const ofClient = await result;
  const ofServer = ((await ask(server.child)) - before) / calls;
  await server.stop();
  if (kind !== 'bare' && server.lines() < calls) throw new Error(`${server.lines()} log lines for ${calls} calls`);
  const spans = await ask(collector);
  if (kind === 'traced' && spans < calls) throw new Error(`${spans} spans for ${calls} calls`);
  collector.kill();
  return { client: ofClient, server: ofServer };
}

type Scenario = 'graceful' | 'killed' | 'killedRetried' | 'failing' | 'frozen';

function loseInstances(folder: string): Record<Scenario, Record<'ours' | 'theirs', Lost>> {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'scripts/rpc-churn.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

const rival = 'grpc-js alone: round robin, its own retries';

export const bench: Bench = {
  id: 'rpc',
  title: 'Calls by gRPC',
  subject: 'service',
  how: 'A generated client and a generated server against both on bare grpc-js and proto-loader, run in turn: a unary call, 16 at once, processor time of both processes, every log line and span counted; medians of the ratios of each round. Churn: three instances as processes, the generated client over a list and grpc-js over the same addresses, with one deadline, for some seconds in which something happens to one of three; lost is what ends without an answer.',
  async run(tell) {
    tell('creating, installing and building a service');
    const folder = buildService();
    const times = { bare: [] as number[], ours: [] as number[], traced: [] as number[] };
    for (let round = 1; round <= rounds; round += 1) {
      for (const kind of contestants) {
        const { client, server } = await processorTime(folder, kind);
        times[kind].push(client + server);
        tell(`round ${round}: ${kind} ${client.toFixed(0)} + ${server.toFixed(0)} µs a call`);
      }
    }
    tell('instances come and go, for two minutes');
    const lost = loseInstances(folder);
    return [
      atMost('processor time a call, client and server, all but traces', 1.7, ratios(times.ours, times.bare)),
      {
        what: 'the same, every call traced on both sides',
        result: `${median(ratios(times.traced, times.bare)).toFixed(2)} ×`,
      },
      {
        what: 'for scale: a call by bare grpc-js and proto-loader here',
        result: `${median(times.bare).toFixed(0)} µs`,
      },
      ...lostRows(rival, 'lost when one leaves gracefully, no retries', lost.graceful, true),
      ...lostRows(rival, 'lost when one is killed and the list is 3 s late, no retries', lost.killed, false),
      ...lostRows(rival, 'lost when one is killed and the list is 3 s late, retried', lost.killedRetried, true),
      ...lostRows(rival, 'lost when one of three answers UNAVAILABLE, retried', lost.failing, true),
      ...lostRows(rival, 'lost when one of three is frozen, retried', lost.frozen, true),
    ];
  },
};
