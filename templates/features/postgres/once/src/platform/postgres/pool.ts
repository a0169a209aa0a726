import pg from 'pg';

export interface PoolOptions {
  url: string;
  /** Shown in `pg_stat_activity`: who holds this connection. */
  name: string;
  max: number;
  /** Milliseconds to wait for a connection. */
  waitMs: number;
  /** Milliseconds that one statement may run; without it there is no limit. */
  statementTimeoutMs?: number;
  onError(error: Error): void;
}

/** A pool in which nothing waits for ever: not for a connection, not for an answer, not inside an open transaction. */
export function createPool({ url, name, max, waitMs, statementTimeoutMs, onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max,
    connectionTimeoutMillis: waitMs,
    idleTimeoutMillis: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    // The server stops a slow statement; where it cannot even be reached any more, the client gives up a little later.
    ...(statementTimeoutMs && { statement_timeout: statementTimeoutMs, query_timeout: statementTimeoutMs + 1_000 }),
    keepAlive: true,
  });
  // An idle connection that breaks would otherwise end the process.
  pool.on('error', onError);
  return pool;
}
