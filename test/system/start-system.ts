import { join } from 'node:path';
import { startCollector } from '../../templates/base/test/support/collector.ts';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';
import { type ServiceProcess, startProcess } from './service-process.ts';
import { startServers } from './start-servers.ts';
import { type ServiceName, services } from './tour.ts';

/** A line of a service's log. */
export interface LogLine {
  service: string;
  level: string;
  msg: string;
  correlation_id?: string;
  trace_id?: string;
  [field: string]: unknown;
}

interface Options {
  /** Settings beside the usual ones. */
  env?: Partial<Record<ServiceName, Record<string, string>>>;
  /** Whether each service has a second address, so that a new process of it can start before the old one ends. */
  twoPlaces?: boolean;
  /** What comes before the command of a service. */
  inside?: (service: ServiceName) => readonly string[];
  /** Gets each line that a service says. */
  told?: (service: ServiceName, line: string) => void;
}

export type System = Awaited<ReturnType<typeof startSystem>>;

/** The addresses of a service, known to those who call it. */
const places = [0, 1] as const;
export type Place = (typeof places)[number];

/** Starts what `makeSystem` has made, as processes, with the servers that it needs; all of it on 127.0.0.1. */
export async function startSystem(folder: string, options: Options = {}) {
  const { env = {}, twoPlaces = false, inside = () => [], told = () => {} } = options;
  const stops: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const { spans, url: collector } = await startCollector({ after: (end) => void stops.push(end as () => unknown) });
    const servers = await startServers(folder);
    stops.push(servers.stop);
    const addresses = Object.fromEntries(
      await Promise.all(services.map(async (name) => [name, await Promise.all(places.map(freePort))] as const)),
    ) as Record<ServiceName, [number, number]>;
    const rpcPorts = await Promise.all(places.map(freePort));
    const list = (protocol: string, ports: readonly number[]) =>
      (twoPlaces ? ports : ports.slice(0, 1)).map((port) => `${protocol}://127.0.0.1:${port}`).join();

    const settings = (name: ServiceName, place: Place): NodeJS.ProcessEnv => ({
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      // In which who has a connection is asked to close it, by every answer.
      SHUTDOWN_DELAY_MS: '1000',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      DATABASE_URL: servers.databases[name],
      NATS_URL: servers.nats,
      NATS_STREAM_REPLICAS: '1',
      REDIS_URL: servers.redis,
      AUTH_ISSUER: servers.issuer,
      ...(name === 'inventory' && { RPC_PORT: String(rpcPorts[place]) }),
      ...(name === 'orders' && {
        INVENTORY_RPC_URL: list('grpc', rpcPorts),
        PAYMENTS_URL: list('http', addresses.payments),
        PAYMENTS_DISCOVERY: 'static',
      }),
      ...(name === 'gateway' && { ORDERS_URL: list('http', addresses.orders), ORDERS_DISCOVERY: 'static' }),
      ...env[name],
    });

    const running = new Map<string, ServiceProcess>();
    const start = async (name: ServiceName, place: Place = 0): Promise<ServiceProcess> => {
      const tell = (line: string) => told(name, line);
      const [cwd, port] = [join(folder, name), addresses[name][place]];
      const process = await startProcess(cwd, port, settings(name, place), tell, inside(name));
      running.set(`${name} ${place}`, process);
      await process.ready();
      return process;
    };
    const take = (name: ServiceName, place: Place): ServiceProcess => {
      const process = running.get(`${name} ${place}`);
      if (!process) throw new Error(`${name} does not run at its place ${place}`);
      running.delete(`${name} ${place}`);
      return process;
    };
    stops.push(() => Promise.all([...running.values()].map((process) => process.kill())));
    // Whoever is called first: as in a cluster nobody waits for anybody, so they may as well start at once.
    const started = await Promise.all(services.map((name) => start(name)));

    return {
      folder,
      servers,
      spans,
      /** Those that run at the first places, from the beginning. */
      processes: Object.fromEntries(services.map((name, index) => [name, started[index]])) as Record<
        ServiceName,
        ServiceProcess
      >,
      start,
      /** SIGTERM, and it ends by itself. */
      leave: (name: ServiceName, place: Place = 0) => take(name, place).leave(),
      kill: (name: ServiceName, place: Place = 0) => take(name, place).kill(),
      urls: (name: ServiceName) => addresses[name].map((port) => `http://127.0.0.1:${port}`) as [string, string],
      async leaveAll() {
        const all = [...running.values()].filter(({ isRunning }) => isRunning);
        running.clear();
        await Promise.all(all.map((process) => process.leave()));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
