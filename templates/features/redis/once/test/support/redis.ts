import type { TestContext } from 'node:test';
import { hasRedis, type RedisServer, startRedis } from '../../scripts/redis/server.ts';

/** For `test(name, { skip: withoutRedis }, …)`: false, or why the test cannot run on this machine. */
export const withoutRedis: string | false = hasRedis() ? false : 'there is no redis-server on PATH';

/** A real Redis for one test. */
export async function redisFor(t: TestContext, options?: { port?: number }): Promise<RedisServer> {
  const server = await startRedis(options);
  t.after(server.stop);
  return server;
}
