import { defineLocalProgram } from '../local-programs.ts';
import { hasRedis, startRedis } from '../redis/server.ts';

/** A Redis of its own for `npm run dev` and `npm test`, unless REDIS_URL names one. */
export default defineLocalProgram({
  name: 'redis',
  async start({ env }) {
    if (env.REDIS_URL) return {};
    if (!hasRedis()) {
      console.error('There is no redis-server on PATH and no REDIS_URL: nothing is cached.');
      return {};
    }
    const server = await startRedis();
    return { env: { REDIS_URL: server.url }, stop: server.stop };
  },
});
