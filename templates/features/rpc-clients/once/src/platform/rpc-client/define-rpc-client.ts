import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { ClientDefinition } from '../http-client/define-client.ts';
import type { Circuit } from '../http-client/resilience.ts';
import type { TokenProvider } from '../http-client/token.ts';
import type { Environment } from '../settings.ts';
import { locate } from './locate.ts';
import { RpcCaller } from './rpc-caller.ts';
import type { RpcClientSettings } from './settings.ts';

export interface RpcClientDefinition<K extends string, T> {
  /** Name of the service called, as in Kubernetes. */
  service: string;
  /** Where it is found: `app.clients.<property>`. */
  property: K;
  settings: (env: Environment) => RpcClientSettings;
  /** For a token that comes from elsewhere than the file in the settings. */
  token?: TokenProvider;
  create(rpc: RpcCaller): T;
}

const circuitNumber: Record<Circuit, number> = { closed: 0, 'half-open': 1, open: 2 };

/** A client in src/clients/ that calls by gRPC, watched like those that call by HTTP. */
export const defineRpcClient = <const K extends string, T>(
  definition: RpcClientDefinition<K, T>,
): Pick<ClientDefinition<K, T>, 'service' | 'property'> & {
  open(app: FastifyInstance): T;
  create: (rpc: RpcCaller) => T;
} => ({
  ...definition,
  open: (app) => openRpcClient(app, definition),
});

function openRpcClient<T>(
  app: FastifyInstance,
  { service, settings, token, create }: RpcClientDefinition<string, T>,
): T {
  const metrics = metricsOf(app);
  let wasCalled = false;
  const location = locate(app, service, settings(app.env));
  const rpc = new RpcCaller({
    service,
    settings: location.settings,
    token,
    observer: {
      circuitChanged(circuit) {
        metrics.circuit.set({ peer_service: service }, circuitNumber[circuit]);
        const level = circuit === 'open' ? 'warn' : 'info';
        app.log[level]({ peer: service, circuit }, `circuit breaker to ${service}: ${circuit}`);
      },
      retrying: () => metrics.retries.inc({ peer_service: service }),
      finished(outcome, seconds) {
        wasCalled = true;
        metrics.duration.observe({ peer_service: service, outcome }, seconds);
      },
    },
  });
  metrics.circuit.set({ peer_service: service }, circuitNumber.closed);
  // Nobody is asked for the sake of the report: it says what came of the calls that were made.
  app.health.add(service, async () => {
    const { circuit } = rpc;
    if (!wasCalled) return { status: 'unknown', reason: 'not called yet', circuit, ...location.health() };
    return { status: circuit === 'closed' ? 'healthy' : 'degraded', circuit, ...location.health() };
  });
  app.addHook('onClose', async () => {
    rpc.close();
    location.close();
  });
  return create(rpc);
}

const ofApps = new WeakMap<FastifyInstance, ReturnType<typeof createMetrics>>();

/** One set for all clients of a service. */
function metricsOf(app: FastifyInstance) {
  const metrics = ofApps.get(app) ?? createMetrics(app);
  ofApps.set(app, metrics);
  return metrics;
}

function createMetrics({ metrics }: FastifyInstance) {
  const registers = [metrics];
  return {
    duration: new Histogram({
      name: 'rpc_client_call_duration_seconds',
      help: 'Calls by gRPC to other services, with their retries; outcome is ok or why there was no answer',
      labelNames: ['peer_service', 'outcome'],
      registers,
    }),
    retries: new Counter({
      name: 'rpc_client_retries_total',
      help: 'Attempts after the first',
      labelNames: ['peer_service'],
      registers,
    }),
    circuit: new Gauge({
      name: 'rpc_client_circuit',
      help: 'Circuit breaker: 0 closed, 1 half-open, 2 open',
      labelNames: ['peer_service'],
      registers,
    }),
  };
}
