import type { BaseLogger } from 'pino';
import { service } from '../../identity.ts';
import natsSettings from '../../settings/nats.ts';
import { NatsBroker } from '../nats/broker.ts';
import type { Environment } from '../settings.ts';

/** What spans call it. */
export const messagingSystem = 'nats';

/** The broker that the settings name. It connects in the background. */
export function openBroker(env: Environment, log: Pick<BaseLogger, 'info' | 'warn' | 'error'>): NatsBroker {
  const { servers, user, password, token, replicas, keepDays } = natsSettings(env);
  return new NatsBroker({
    servers: servers.split(',').map((server) => server.trim()),
    name: service.name,
    credentials: token ? { token } : user ? { user, pass: password } : undefined,
    replicas,
    keepDays,
    log,
  });
}
