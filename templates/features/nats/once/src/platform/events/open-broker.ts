import type { BaseLogger } from 'pino';
import { service } from '../../identity.ts';
import natsSettings from '../../settings/nats.ts';
import { NatsBroker } from '../nats/broker.ts';
import { identify } from '../nats/identify.ts';
import type { Environment } from '../settings.ts';

/** What spans call it. */
export const messagingSystem = 'nats';

/** The broker that the settings name. It connects in the background. */
export function openBroker(env: Environment, log: Pick<BaseLogger, 'info' | 'warn' | 'error'>): NatsBroker {
  const { replicas, keepDays, ...settings } = natsSettings(env);
  const servers = settings.servers.split(',').map((server) => server.trim());
  return new NatsBroker({
    servers,
    name: service.name,
    identity: identify({ ...settings, servers }),
    replicas,
    keepDays,
    log,
  });
}
