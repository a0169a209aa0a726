import { Redis } from 'ioredis';

export interface RedisOptions {
  /** Without one there is nothing to connect to, and every command fails. */
  url: string | undefined;
  /** Shown by `CLIENT LIST`: who holds this connection. */
  name: string;
  keyPrefix: string;
  timeoutMs: number;
}

/**
 * A client in which nothing waits for ever. While Redis is away its commands fail at once instead of being kept for
 * later, a command without an answer fails at its timeout, and a connection that broke silently is given up.
 */
export function createRedis({ url, name, keyPrefix, timeoutMs }: RedisOptions): Redis {
  const redis = new Redis(url ?? '', {
    connectionName: name,
    keyPrefix,
    lazyConnect: url === undefined,
    enableOfflineQueue: false,
    // What was sent on a connection that broke may have had its effect: the caller decides, not the client.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: 2_000,
    // A connection that does not say goodbye must not hold a shutdown up.
    disconnectTimeout: 100,
    socketTimeout: timeoutMs + 5_000,
    retryStrategy: reconnectDelay,
  });
  if (url === undefined) redis.disconnect();
  return redis;
}

/** Milliseconds until the next try: for ever, up to 2 s apart, and never all replicas at the same moment. */
const reconnectDelay = (tries: number): number => Math.min(25 * 2 ** tries, 2_000) * (0.5 + Math.random() / 2);

/** Lets what runs come to its end. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect());
  else redis.disconnect();
}
