import type { FastifyInstance } from 'fastify';
import redisSettings from '../../settings/redis.ts';
import { registryOf } from '../registry/registry-of.ts';
import type { Source } from './source.ts';

/** The instances of a service as they registered themselves in Redis. @throws Error where there is no Redis */
export function openRegistry(app: FastifyInstance, service: string): Source {
  if (!redisSettings(app.env).redisUrl) throw new Error('REDIS_URL');
  return registryOf(app).source(service);
}
