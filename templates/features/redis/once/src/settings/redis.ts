import { service } from '../identity.ts';
import { defineSettings, type Environment, integer, isProduction, text } from '../platform/settings.ts';

export default defineSettings({
  redisUrl: text('REDIS_URL', {
    what: 'address of Redis, redis:// or rediss:// (TLS)',
    secret: true,
    default: onlyOutsideProduction,
  }),
  keyPrefix: text('REDIS_KEY_PREFIX', {
    what: 'start of every key, so that services can share one Redis',
    default: `${service.name}:`,
  }),
  timeoutMs: integer('REDIS_TIMEOUT_MS', {
    what: 'milliseconds that a command waits for its answer',
    default: 500,
    min: 1,
  }),
});

/** A developer without Redis works without a cache; a deployment without one is a mistake. */
function onlyOutsideProduction(env: Environment): string | undefined {
  if (isProduction(env)) throw new Error('set in production');
  return undefined;
}
