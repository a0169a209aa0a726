import { Redis } from 'ioredis';

export interface RedisOptions {
  /** Without one there is nothing to connect to, and every command fails. */
  url: string | undefined;
  /** Shown by `CLIENT LIST`: who holds this connection. */
  name: string;
  keyPrefix: string;
  timeoutMs: number;
  /** Milliseconds after which the connection is replaced: one that nothing breaks would stay with a server for ever. */
  maxAgeMs?: number;
}

/**
 * A client in which nothing waits for ever. While Redis is away its commands fail at once instead of being kept for
 * later, a command without an answer fails at its timeout, and a connection that broke silently is given up.
 */
export function createRedis({ url, name, keyPrefix, timeoutMs, maxAgeMs = 600_000 }: RedisOptions): Redis {
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
    // A server that was demoted keeps its connections and refuses to write: the address may lead to another one now. A
    // script has the word further on in its message.
    reconnectOnError: ({ message }) => /\bREADONLY\b/.test(message),
  });
  if (url === undefined) redis.disconnect();
  else renewAtAge(redis, maxAgeMs);
  return redis;
}

/**
 * Replaces the connection when it is old, and loses no command by it: what was sent is still answered, and what comes
 * meanwhile waits, as it does at no other time.
 */
function renewAtAge(redis: Redis, maxAgeMs: number): void {
  const { options } = redis;
  const { enableOfflineQueue, maxRetriesPerRequest } = options;
  const restore = () => Object.assign(options, { enableOfflineQueue, maxRetriesPerRequest });
  let timer: NodeJS.Timeout | undefined;
  const renew = () => {
    Object.assign(options, { enableOfflineQueue: true, maxRetriesPerRequest: null });
    // Once the old connection is gone it is like any other reconnection: where the first try fails, nothing waits.
    redis.once('reconnecting', () => Object.assign(options, { maxRetriesPerRequest }));
    redis.disconnect(true);
  };
  redis.on('ready', () => {
    restore();
    // Never all replicas at once.
    timer = setTimeout(renew, maxAgeMs * (0.8 + Math.random() / 5)).unref();
  });
  redis.on('close', () => {
    clearTimeout(timer);
  });
  redis.on('error', restore);
}

/** Milliseconds until the next try: the first at once, then for ever, up to 2 s apart, never all replicas at the same moment. */
const reconnectDelay = (tries: number): number =>
  tries === 1 ? Math.random() * 5 : Math.min(25 * 2 ** tries, 2_000) * (0.5 + Math.random() / 2);

/** @throws where Redis does not keep what it is told: it is away, a replica, or its disk is full. */
export async function checkWritable(redis: Redis): Promise<void> {
  await redis.set('health', new Date().toISOString(), 'EX', 60);
}

/** Lets what runs come to its end. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect());
  else redis.disconnect();
}
