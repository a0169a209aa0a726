import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Redis } from 'ioredis';
import { Counter } from 'prom-client';
import { service } from '../identity.ts';
import { Cache } from '../platform/redis/cache.ts';
import { checkWritable, closeRedis, createRedis } from '../platform/redis/client.ts';
import { watchRedisCommands } from '../platform/redis/spans.ts';
import redisSettings from '../settings/redis.ts';

declare module 'fastify' {
  interface FastifyInstance {
    redis: Redis;
    cache: Cache;
  }
}

/** Redis, and a cache on it. The service starts and works without: then the health is degraded and nothing is cached. */
export default fp(
  async (app: FastifyInstance) => {
    const { redisUrl: url, keyPrefix, timeoutMs } = redisSettings(app.env);
    watchRedisCommands();
    const redis = createRedis({ url, keyPrefix, timeoutMs, name: service.name });
    logConnection(app, redis);
    // Make it critical once Redis holds more than copies.
    if (url) app.health.add('redis', async () => void (await checkWritable(redis)), { critical: false });
    else app.log.warn('REDIS_URL is not set: nothing is cached');
    app.addHook('onClose', () => closeRedis(redis));

    const requests = new Counter({
      name: 'cache_requests_total',
      help: 'Values asked of the cache: hit, miss (loaded), bypass (loaded, Redis away or busy)',
      labelNames: ['result'],
      registers: [app.metrics],
    });
    app.decorate('redis', redis);
    app.decorate('cache', new Cache(redis, { onResult: (result) => requests.inc({ result }) }));
  },
  { name: 'redis', dependencies: ['health', 'metrics'] },
);

/** One line when the connection is lost and one when it is back, not one for every try in between. */
function logConnection(app: FastifyInstance, redis: Redis): void {
  let away = false;
  redis.on('error', (err) => {
    if (!away) app.log.warn({ err }, 'Redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) app.log.info('Redis is back');
    away = false;
  });
}
