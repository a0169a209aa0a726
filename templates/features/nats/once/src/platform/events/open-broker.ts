import type { BaseLogger } from 'pino';
import { service } from '../../identity.ts';
import natsSettings from '../../settings/nats.ts';
import type { Environment } from '../settings.ts';
import { Broker } from './broker.ts';

/** The broker that the settings name. It connects in the background. */
export function openBroker(env: Environment, log: Pick<BaseLogger, 'info' | 'warn' | 'error'>): Broker {
  const { servers, user, password, token, replicas, keepDays } = natsSettings(env);
  return new Broker({
    servers: servers.split(',').map((server) => server.trim()),
    name: service.name,
    credentials: token ? { token } : user ? { user, pass: password } : undefined,
    replicas,
    keepDays,
    log,
  });
}
