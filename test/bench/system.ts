import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildPackage } from '../cli/support/build-package.ts';
import { linkDeclared } from '../generated/support/link-declared.ts';
import { runCommand } from '../generated/support/run-command.ts';
import { serviceEnvironment } from '../generated/support/service-environment.ts';
import { installedService } from '../system/installed.ts';
import { makeSystem } from '../system/make-system.ts';
import { customer, findHalf } from '../system/orders.ts';
import { type System, startSystem } from '../system/start-system.ts';
import { type ServiceName, services } from '../system/tour.ts';
import { type Bench, median, type Row } from './bench.ts';
import { openMemoryGroup, podBytes, withoutMemoryGroups } from './memory-group.ts';

const seconds = 20;
const customers = 8;
const perOrder = 4;

interface Load {
  name: string;
  ids: string[];
  /** Milliseconds of each request that was answered well. */
  took: number[];
  failed: number;
  seconds: number;
}

/** Customers who place an order, repeat that until it is taken, and look how far it is. */
async function load(system: System, name: string, enough: AbortSignal): Promise<Load> {
  const shop = await customer(system);
  const result: Load = { name, ids: [], took: [], failed: 0, seconds: 0 };
  const began = performance.now();
  const timed = async (work: () => Promise<boolean>): Promise<boolean> => {
    const from = performance.now();
    const isWell = await work().catch(() => false);
    if (isWell) result.took.push(performance.now() - from);
    else result.failed += 1;
    return isWell;
  };
  let refused: number | undefined;
  const put = async (id: string): Promise<boolean> => {
    const response = await shop.put(id);
    await response.arrayBuffer();
    if (response.status >= 400 && response.status < 500) refused = response.status;
    return response.status === 202;
  };
  const one = async (number: number): Promise<void> => {
    for (let count = 0; !enough.aborted && refused === undefined; count += 1) {
      const id = `${name.toLowerCase().replaceAll(' ', '-')}-${number}-${count}`;
      while (!(await timed(() => put(id))) && refused === undefined) await pause(100);
      result.ids.push(id);
      for (let look = 1; look < perOrder; look += 1) await timed(async () => (await shop.status(id)) !== undefined);
    }
  };
  await Promise.all(Array.from({ length: customers }, (_, number) => one(number)));
  if (refused !== undefined) throw new Error(`an order was answered with ${refused}`);
  result.seconds = (performance.now() - began) / 1_000;
  return result;
}

function rowsOf({ name, took, failed, seconds }: Load): Row[] {
  const sorted = [...took].sort((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  return [
    {
      what: `${name}: requests a second at the gateway that were answered well; half and 99 of 100 of them within`,
      result: `${(took.length / seconds).toFixed(0)}; ${median(took).toFixed(0)} ms, ${p99.toFixed(0)} ms`,
    },
    { what: `${name}: requests that failed`, result: `${failed} of ${took.length + failed}` },
  ];
}

/** What each service took of what its Deployment gives a pod, in which it runs where this machine can limit memory. */
function openPods(tell: (line: string) => void) {
  const without = withoutMemoryGroups();
  if (without) tell(`memory is not measured: ${without}`);
  const pods = without ? [] : services.map((service) => [service, openMemoryGroup(service)] as const);
  const limit = `${podBytes / 1_048_576} MiB`;
  return {
    inside: (service: ServiceName) => new Map(pods).get(service)?.command ?? [],
    rows: (): Row[] =>
      pods.map(([service, pod]) => ({
        what: `Most memory of a pod of ${service}, killed by the kernel where it had no more`,
        result: `${(pod.peak() / 1_048_576).toFixed(0)} MiB, ${pod.killed()} times`,
        target: `< ${limit}, 0 times`,
        met: pod.killed() === 0 && pod.peak() < podBytes,
      })),
    remove: () => Promise.all(pods.map(([, pod]) => pod.remove())),
  };
}

async function measure(folder: string, tell: (line: string) => void): Promise<Row[]> {
  const pods = openPods(tell);
  const orders = { SAGA_LEASE_MS: '2000', SAGA_TAKEOVER_LIMIT: '50', PAYMENTS_BREAKER_OPEN_MS: '1000' };
  const env = { orders, gateway: { ORDERS_BREAKER_OPEN_MS: '1000' } };
  const system = await startSystem(folder, { env, inside: pods.inside });
  try {
    await load(system, 'warm-up', AbortSignal.timeout(3_000));
    tell(`${seconds} s without faults`);
    const well = await load(system, 'All well', AbortSignal.timeout(seconds * 1_000));
    tell('each service killed once, one after the other');
    const enough = new AbortController();
    const under = load(system, 'Each service killed once and started again', enough.signal);
    for (const service of services) {
      await pause(seconds * 100);
      await system.kill(service);
      await system.start(service);
    }
    await pause(seconds * 100);
    enough.abort();
    const broken = await under;
    const shop = await customer(system);
    const half = await findHalf(system, await shop.untilEnded([...well.ids, ...broken.ids]));
    return [
      ...rowsOf(well),
      ...rowsOf(broken),
      { what: 'Orders that were taken', result: `${well.ids.length + broken.ids.length}` },
      { what: 'Orders lost, half or double', result: `${half.length}`, target: '0', met: half.length === 0 },
      ...pods.rows(),
    ];
  } finally {
    await system.stop();
    await pods.remove();
  }
}

export const bench: Bench = {
  id: 'system',
  title: 'Five services as one system, under load',
  subject: 'service',
  how: `The system of the README, one process each, all with load and servers on one machine: ${customers} customers place orders through the gateway, each of which is a saga over gRPC, REST and an event, and ask ${perOrder - 1} times how far it is. Every request is traced and logged. The figures are of that machine; what counts is what faults do to them. Each service has the memory of a pod, where that can be limited (root, cgroup v1).`,
  async run(tell) {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-bench-system-')));
    const built = await buildPackage();
    try {
      const env = serviceEnvironment(built.path);
      const run = (line: string, cwd: string) => runCommand(line, { cwd, env }).done;
      const installed = await installedService((cwd) => run('npm install --no-audit --no-fund', cwd));
      await makeSystem(folder, { run, install: (service) => linkDeclared(service, installed) });
      return await measure(folder, tell);
    } finally {
      await built.remove();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
