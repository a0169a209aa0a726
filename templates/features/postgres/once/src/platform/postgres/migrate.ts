import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/** Any number, the same in every replica of every version. */
const lockNumber = 7_236_501;

/** As long as a timer can be: whoever waits for its turn, or for a large table, is not cut short by the limits for requests. */
const patience = { query_timeout: 2 ** 31 - 1 };

type Query = (text: string, values?: unknown[]) => Promise<pg.QueryResult<{ name: string }>>;

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
  const query: Query = (text, values) => client.query({ text, ...(values && { values }), ...patience });
  try {
    await query('begin');
    await query('set local statement_timeout = 0');
    await query('select pg_advisory_xact_lock($1)', [lockNumber]);
    await query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const { rows } = await query('select name from schema_migrations');
    const known = new Set(rows.map(({ name }) => name));
    const missing = files.filter((name) => !known.has(name));
    for (const name of missing) await apply(query, folder, name);
    await query('commit');
    return missing;
  } catch (error) {
    await query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function apply(query: Query, folder: string, name: string): Promise<void> {
  const sql = await readFile(join(folder, name), 'utf8');
  try {
    await query(sql);
  } catch (cause) {
    throw new Error(`Migration ${name} failed: ${(cause as Error).message}`, { cause });
  }
  await query('insert into schema_migrations (name) values ($1)', [name]);
}
