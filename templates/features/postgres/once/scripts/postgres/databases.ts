import pg from 'pg';
import { isAlive } from '../lock.ts';

/** Name of a database that goes with this process. */
export const testDatabaseName = (suffix: string): string => `test_${process.pid}_${suffix}`;

/** Creates a database unless it is there. `url` is that of any database on the server. */
export async function createDatabase(url: string, name: string): Promise<void> {
  await query(url, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    // template0 has no connections, so any number of these may run at once.
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)} template template0`);
  });
}

/** Drops a database, whoever is still connected to it. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await query(url, async (client) => {
    await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
  });
}

/** Drops the databases of test runs that were killed. Only for a server on this machine, whose process ids are ours. */
export async function dropAbandonedDatabases(url: string): Promise<void> {
  await query(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where datname like 'test\\_%'",
    );
    const abandoned = rows.filter(({ datname }) => !isAlive(Number(datname.split('_')[1])));
    for (const { datname } of abandoned) {
      await client.query(`drop database if exists ${pg.escapeIdentifier(datname)} with (force)`);
    }
  });
}

async function query(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
