import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/** Any number, the same in every replica of every version. */
const lockNumber = 7_236_501;

/**
 * Applies the `.sql` files of `folder` that this database has not seen, in the order of their names. Any number of
 * replicas may do so at once: they take turns. All happens in one transaction, so a file that fails leaves the schema
 * as it was. Returns the names of the files that were applied.
 *
 * The lock belongs to the transaction, not to the session, so it also holds behind a connection pooler.
 */
export async function migrate(pool: pg.Pool, folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const client = await pool.connect();
  try {
    await client.query('begin');
    // The transaction that waits for its turn, or for a large table, must not be cut short by the limit for requests.
    await client.query('set local statement_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1)', [lockNumber]);
    await client.query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string }>('select name from schema_migrations');
    const known = new Set(rows.map(({ name }) => name));
    const missing = files.filter((name) => !known.has(name));
    for (const name of missing) await apply(client, folder, name);
    await client.query('commit');
    return missing;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function apply(client: pg.PoolClient, folder: string, name: string): Promise<void> {
  const sql = await readFile(join(folder, name), 'utf8');
  try {
    await client.query(sql);
  } catch (cause) {
    throw new Error(`Migration ${name} failed: ${(cause as Error).message}`, { cause });
  }
  await client.query('insert into schema_migrations (name) values ($1)', [name]);
}
