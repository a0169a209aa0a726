import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CheckResult } from '../health.ts';
import type { ClientObserver } from './http-client.ts';
import type { Circuit } from './resilience.ts';

/** Its metrics begin with it: `http_client_circuit`. */
type Protocol = 'http' | 'rpc';

const circuitNumber: Record<Circuit, number> = { closed: 0, 'half-open': 1, open: 2 };

/** Tells what becomes of the calls to a service: in metrics, in the log and in the health report. */
export function watchClient(app: FastifyInstance, service: string, protocol: Protocol) {
  const metrics = clientMetrics(app.metrics, protocol);
  const labels = { peer_service: service };
  let wasCalled = false;
  metrics.circuit.set(labels, circuitNumber.closed);
  const observer: ClientObserver = {
    circuitChanged(circuit) {
      metrics.circuit.set(labels, circuitNumber[circuit]);
      const level = circuit === 'open' ? 'warn' : 'info';
      app.log[level]({ peer: service, circuit }, `circuit breaker to ${service}: ${circuit}`);
    },
    retrying: () => metrics.retries.inc(labels),
    finished(outcome, seconds) {
      wasCalled = true;
      metrics.duration.observe({ ...labels, outcome }, seconds);
    },
  };
  return {
    observer,
    /** Nobody is asked for the sake of the report: it says what came of the calls that were made. */
    reportHealth(client: { readonly circuit: Circuit }, details: () => Partial<CheckResult>): void {
      // One service may be called in both ways, as by a saga over HTTP and by a client over gRPC.
      const name = app.health.has(service) ? `${service} (${protocol})` : service;
      app.health.add(name, async () => {
        const { circuit } = client;
        if (!wasCalled) return { status: 'unknown', reason: 'not called yet', circuit, ...details() };
        return { status: circuit === 'closed' ? 'healthy' : 'degraded', circuit, ...details() };
      });
    },
  };
}

const opened: Record<Protocol, WeakMap<Registry, ClientMetrics>> = { http: new WeakMap(), rpc: new WeakMap() };

type ClientMetrics = ReturnType<typeof createMetrics>;

/** One set for all clients of an app. */
export function clientMetrics(registry: Registry, protocol: Protocol): ClientMetrics {
  const found = opened[protocol].get(registry) ?? createMetrics(registry, protocol);
  opened[protocol].set(registry, found);
  return found;
}

function createMetrics(registry: Registry, protocol: Protocol) {
  const calls = protocol === 'rpc' ? 'Calls by gRPC to other services' : 'Calls to other services';
  const registers = [registry];
  return {
    duration: new Histogram({
      name: `${protocol}_client_call_duration_seconds`,
      help: `${calls}, with their retries; outcome is ok or why there was no answer`,
      labelNames: ['peer_service', 'outcome'],
      registers,
    }),
    retries: new Counter({
      name: `${protocol}_client_retries_total`,
      help: 'Attempts after the first',
      labelNames: ['peer_service'],
      registers,
    }),
    circuit: new Gauge({
      name: `${protocol}_client_circuit`,
      help: 'Circuit breaker: 0 closed, 1 half-open, 2 open',
      labelNames: ['peer_service'],
      registers,
    }),
  };
}
