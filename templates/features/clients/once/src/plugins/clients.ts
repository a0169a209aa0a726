import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { ClientDefinition, Clients } from '../platform/http-client/define-client.ts';
import { HttpClient } from '../platform/http-client/http-client.ts';
import { openCarrier } from '../platform/http-client/open-carrier.ts';
import { clientSettings } from '../platform/http-client/settings.ts';
import { importFolder } from '../platform/import-folder.ts';
import { root } from '../root.ts';

declare module 'fastify' {
  interface FastifyInstance {
    clients: Clients;
    /** Makes a client that is watched like those in src/clients/. */
    createClient<T>(definition: ClientDefinition<string, T>): T;
    /** HTTP to a service, as its client in src/clients/ does it; one that has none there gets one with the usual settings. */
    http(service: string): HttpClient;
  }
}

const circuitNumber = { closed: 0, 'half-open': 1, open: 2 };

/** Every client in src/clients/, with its metrics, log lines and health check. An open circuit degrades the service, no more. */
export default fp(
  async (app: FastifyInstance) => {
    const metrics = createMetrics(app);
    const open = new Map<string, HttpClient>();

    function openClient({ service, settings, token }: Omit<ClientDefinition, 'property' | 'create'>): HttpClient {
      let wasCalled = false;
      const values = settings(app.env);
      const { dispatcher, health } = openCarrier(app, service, values);
      const http = new HttpClient({
        service,
        settings: values,
        dispatcher,
        token,
        observer: {
          circuitChanged(circuit) {
            metrics.circuit.set({ peer_service: service }, circuitNumber[circuit]);
            app.log[circuit === 'open' ? 'warn' : 'info'](
              { peer: service, circuit },
              `circuit breaker to ${service}: ${circuit}`,
            );
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
        const { circuit } = http;
        if (!wasCalled) return { status: 'unknown', reason: 'not called yet', circuit, ...health() };
        return { status: circuit === 'closed' ? 'healthy' : 'degraded', circuit, ...health() };
      });
      open.set(service, http);
      return http;
    }
    const createClient: FastifyInstance['createClient'] = (definition) => definition.create(openClient(definition));

    app.decorate('createClient', createClient);
    app.decorate('http', (service) => {
      const prefix = service.replaceAll('-', '_').toUpperCase();
      const settings = clientSettings(prefix, { url: `http://${service}` });
      return open.get(service) ?? openClient({ service, settings });
    });
    app.addHook('onClose', async () => {
      await Promise.all([...open.values()].map((http) => http.close()));
    });
    const found = await importFolder<ClientDefinition>(join(root, 'clients'));
    const clients = found.map((client) => [client.property, client.open?.(app) ?? createClient(client)] as const);
    app.decorate('clients', Object.fromEntries(clients) as unknown as Clients);
  },
  { name: 'clients', dependencies: ['health', 'metrics'] },
);

function createMetrics({ metrics }: FastifyInstance) {
  const registers = [metrics];
  return {
    duration: new Histogram({
      name: 'http_client_call_duration_seconds',
      help: 'Calls to other services, with their retries; outcome is ok or why there was no answer',
      labelNames: ['peer_service', 'outcome'],
      registers,
    }),
    retries: new Counter({
      name: 'http_client_retries_total',
      help: 'Attempts after the first',
      labelNames: ['peer_service'],
      registers,
    }),
    circuit: new Gauge({
      name: 'http_client_circuit',
      help: 'Circuit breaker: 0 closed, 1 half-open, 2 open',
      labelNames: ['peer_service'],
      registers,
    }),
  };
}
