import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildPackage } from '../cli/support/build-package.ts';
import { linkDeclared } from '../generated/support/link-declared.ts';
import { type RunningCommand, runCommand } from '../generated/support/run-command.ts';
import { serviceEnvironment } from '../generated/support/service-environment.ts';
import { installedService } from './installed.ts';
import { makeSystem } from './make-system.ts';
import { type LogLine, startSystem } from './start-system.ts';
import { type ServiceName, services } from './tour.ts';

// `npm run system`: the system of the README's tour for a person, until Ctrl-C; nothing of it is left then.
const tell = (line: string) => process.stderr.write(`${line}\n`);
const stopping = new AbortController();
let command: RunningCommand | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (!stopping.signal.aborted) tell('\nStopping');
    stopping.abort();
    command?.stop();
  });

const restartMs = 10_000;
const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-system-')));
const built = await buildPackage();
const stops: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true }), built.remove];

/** One line of a log for a terminal: who, what, and the id that joins it to the others. */
function show(service: string, line: string): void {
  const entry: Partial<LogLine> = line.startsWith('{') ? JSON.parse(line) : { msg: line };
  const { msg, method, path, status, correlation_id: id = '' } = entry;
  const what = method === undefined ? msg : `${method} ${path} ${status}`;
  console.log(`${service.padEnd(14)} ${what}  ${id}`);
}

try {
  const env = serviceEnvironment(built.path);
  const run = (line: string, cwd: string): Promise<string> => {
    stopping.signal.throwIfAborted();
    command = runCommand(line, { cwd, env });
    return command.done;
  };
  tell(`Making five services in ${folder}; the first time their packages are installed, which takes a minute`);
  const installed = await installedService((cwd) => run('npm install --no-audit --no-fund', cwd));
  await makeSystem(folder, { run, install: (service) => linkDeclared(service, installed) });
  stopping.signal.throwIfAborted();

  tell('Starting PostgreSQL, NATS, Redis, an OpenID provider, and the services');
  const system = await startSystem(folder, { told: show });
  stops.push(system.stop, system.leaveAll);

  /** Who is killed is started again, as a cluster does it. */
  const keep = async (service: ServiceName): Promise<void> => {
    for (let process = system.processes[service]; ; process = await system.start(service)) {
      tell(`${service} is process ${process.pid}`);
      await process.ended;
      if (stopping.signal.aborted) return;
      tell(`${service} has ended; it is started again in ${restartMs / 1_000} seconds`);
      await pause(restartMs, undefined, { signal: stopping.signal });
    }
  };
  for (const service of services) keep(service).catch((error) => stopping.signal.aborted || tell(String(error)));

  const [gateway] = system.urls('gateway');
  const order = (id: string, what: object) =>
    `  curl -i -X PUT ${gateway}/api/orders/${id} -H "authorization: Bearer $TOKEN" \\
    -H 'content-type: application/json' -d '${JSON.stringify(what)}'`;
  tell(`
Ready. What happens is told here. In another terminal:

  TOKEN=$(curl -s ${system.servers.issuer}/token -u dev:dev -d grant_type=client_credentials \\
    -d resource=urn://gateway -d scope=orders:write | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')
${order('one', { sku: 'book', quantity: 1, cents: 500 })}
  curl ${gateway}/api/orders/one -H "authorization: Bearer $TOKEN"

An order that is undone, since the stock has none:
${order('two', { sku: 'sold-out', quantity: 1, cents: 500 })}

An order that waits until payments is back:
  kill -9 ${system.processes.payments.pid}
${order('three', { sku: 'book', quantity: 1, cents: 500 })}

Health of orders: curl ${system.urls('orders')[0]}/health
Ctrl-C stops all of it and removes ${folder}.
`);
  await new Promise((resolve) => {
    const beating = setInterval(() => {}, 60_000);
    stopping.signal.addEventListener('abort', () => {
      clearInterval(beating);
      resolve(undefined);
    });
    if (stopping.signal.aborted) resolve(undefined);
  });
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  for (const stop of stops.reverse()) await stop();
}
process.exit();
