import type { FastifyInstance } from 'fastify';
import type { Environment } from '../settings.ts';
import type { HttpClient } from './http-client.ts';
import type { ClientSettings } from './settings.ts';
import type { TokenProvider } from './token.ts';

/** Every client by its property of `app.clients`; each file in src/clients/ adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: the clients fill it
export interface Clients {}

export interface ClientDefinition<K extends string = string, T = unknown> {
  /** Name of the service called, as in Kubernetes. */
  service: string;
  /** Where it is found: `app.clients.<property>`. */
  property: K;
  settings: (env: Environment) => ClientSettings;
  /** For a token that comes from elsewhere than the file in the settings. */
  token?: TokenProvider;
  create(http: HttpClient): T;
  /** In place of `create`, for a client that does not call by HTTP. */
  open?(app: FastifyInstance): T;
}

export const defineClient = <const K extends string, T>(definition: ClientDefinition<K, T>): ClientDefinition<K, T> =>
  definition;
