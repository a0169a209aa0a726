import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { ClientDefinition, Clients } from '../platform/http-client/define-client.ts';
import { HttpClient } from '../platform/http-client/http-client.ts';
import { openCarrier } from '../platform/http-client/open-carrier.ts';
import { clientSettings } from '../platform/http-client/settings.ts';
import { clientMetrics, watchClient } from '../platform/http-client/watch-client.ts';
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

/** Every client in src/clients/, with its metrics, log lines and health check. An open circuit degrades the service, no more. */
export default fp(
  async (app: FastifyInstance) => {
    // There before anybody is called.
    clientMetrics(app.metrics, 'http');
    const open = new Map<string, HttpClient>();

    function openClient({ service, settings, token }: Omit<ClientDefinition, 'property' | 'create'>): HttpClient {
      const values = settings(app.env);
      const { dispatcher, health } = openCarrier(app, service, values);
      const { observer, reportHealth } = watchClient(app, service, 'http');
      const http = new HttpClient({ service, settings: values, dispatcher, token, observer });
      reportHealth(http, health);
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
