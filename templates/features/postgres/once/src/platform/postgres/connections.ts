import type pg from 'pg';
import { mostConnections } from './pool.ts';

/** What everybody together may open, what this role may, and what this database takes. */
const limit = `
  select least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - coalesce(current_setting('reserved_connections', true)::int, 0),
    nullif((select rolconnlimit from pg_roles where rolname = current_user), -1),
    nullif((select datconnlimit from pg_database where datname = current_database()), -1)
  ) as connections`;

/** What to tell whoever runs the service, where its replicas may want more connections than the server gives. */
export async function connectionShortage(pool: pg.Pool, replicas: number): Promise<string | undefined> {
  const each = mostConnections();
  // A start does not fail for a warning.
  const { rows } = await pool.query<{ connections: number }>(limit).catch(() => ({ rows: [] }));
  const given = rows[0]?.connections ?? Number.POSITIVE_INFINITY;
  if (replicas * each <= given) return undefined;
  return (
    `${replicas} replicas with up to ${each} connections each may want ${replicas * each}, and Postgres gives ${given}: ` +
    'lower DATABASE_POOL_MAX or maxReplicas, raise max_connections, or put a pooler between'
  );
}
