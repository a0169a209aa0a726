import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { readOnly } from './problems.ts';

export interface PoolOptions {
  /** With `?pgbouncer=true`, as others write it too, it leads to a pooler that gives a connection for a transaction only. */
  url: string;
  /** Shown in `pg_stat_activity`: who holds this connection. */
  name: string;
  max: number;
  /** Milliseconds to wait for a connection. */
  waitMs: number;
  /** Milliseconds that one statement may run; without it there is no limit. */
  statementTimeoutMs?: number;
  /** Milliseconds after which a connection is replaced: one that nothing breaks would stay with a server for ever. */
  maxAgeMs?: number;
  onError(error: Error): void;
}

const idleInTransactionMs = 60_000;
/** A connection younger than this has just been told where to go: another one would get no other answer. */
const youngMs = 1_000;

const transactionLimits = new WeakMap<pg.Pool, readonly string[]>();
const pools = new Set<pg.Pool>();

/** A pool in which nothing waits for ever: not for a connection, not for an answer, not inside an open transaction. */
export function createPool(options: PoolOptions): pg.Pool {
  const { url, name, max, waitMs, statementTimeoutMs, maxAgeMs = 600_000, onError } = options;
  const limits = {
    idle_in_transaction_session_timeout: idleInTransactionMs,
    ...(statementTimeoutMs && { statement_timeout: statementTimeoutMs }),
  };
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max,
    connectionTimeoutMillis: waitMs,
    idleTimeoutMillis: 30_000,
    // Never all replicas at once.
    maxLifetimeSeconds: (maxAgeMs / 1_000) * (0.8 + Math.random() / 5),
    // A pooler hands the connection on to others: limits are then set for each transaction (`limitsOf`).
    ...(!isPooled(url) && limits),
    // The server stops a slow statement; where it cannot even be reached any more, the client gives up a little later.
    ...(statementTimeoutMs && { query_timeout: statementTimeoutMs + 1_000 }),
    keepAlive: true,
    // A statement need not wait for the answer to the one before it: what is sent together costs one round trip.
    pipeline: true,
  });
  if (isPooled(url)) {
    const statements = Object.entries(limits).map(([limit, ms]) => `set local ${limit} = ${ms}`);
    transactionLimits.set(pool, statements);
  }
  // An idle connection that breaks would otherwise end the process.
  pool.on('error', onError);
  pool.on('connect', (client) => leaveWhenDemoted(pool, client));
  pools.add(pool);
  return pool;
}

/** Whether a pooler stands between that gives a server's connection for one transaction only, as the address says. */
export const isPooled = (url: string): boolean => /[?&]pgbouncer=true(&|$)/.test(url);

/** Most connections that the pools of this process open together. */
export function mostConnections(): number {
  for (const pool of pools) if (pool.ending) pools.delete(pool);
  return [...pools].reduce((sum, { options }) => sum + options.max, 0);
}

/** Statements that a transaction of this pool begins with. */
export const limitsOf = (pool: pg.Pool): readonly string[] => transactionLimits.get(pool) ?? [];

/**
 * A server that was demoted keeps its connections and refuses to write on each: this one goes, whoever has it, and so do
 * those that nobody uses. Their successors go where the address leads now.
 */
function leaveWhenDemoted(pool: pg.Pool, client: pg.PoolClient): void {
  // While it is somebody's, its end is told by the statement that fails. Unheard, the event would end the process.
  client.on('error', () => undefined);
  const openedAt = performance.now();
  // What the server says, before any caller: so it holds for every way in which a connection can be used.
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('errorMessage', ({ code }: { code?: string }) => {
    if (code !== readOnly || performance.now() - openedAt < youngMs) return;
    client.end(() => undefined);
    dropIdle(pool);
  });
}

/** Closes the connections that nobody uses. */
export function dropIdle(pool: pg.Pool): void {
  for (let count = pool.idleCount; count > 0; count--) pool.connect((_error, _client, release) => release?.(true));
}
