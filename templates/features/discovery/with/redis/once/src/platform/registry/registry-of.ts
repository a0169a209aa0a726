import type { FastifyInstance } from 'fastify';
import { service } from '../../identity.ts';
import redisSettings from '../../settings/redis.ts';
import { createRedis } from '../redis/client.ts';
import { Registry } from './registry.ts';

const opened = new WeakMap<object, Registry>();

/** The one registry of an app; src/plugins/registry.ts closes it. */
export function registryOf(app: FastifyInstance): Registry {
  const found = opened.get(app.server);
  if (found) return found;
  const { redisUrl: url, timeoutMs } = redisSettings(app.env);
  // All services have it together, so its keys have no prefix of one.
  const connect = (use: string) => createRedis({ url, timeoutMs, keyPrefix: '', name: `${service.name}:${use}` });
  const registry = new Registry({ commands: connect('registry'), messages: connect('registry-messages') });
  opened.set(app.server, registry);
  return registry;
}
