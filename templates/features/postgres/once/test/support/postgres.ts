import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { createDatabase, dropDatabase, testDatabaseName } from '../../scripts/postgres/databases.ts';

/** An empty database for one test file, on the server of this test run; dropped after the file. @returns its address. */
export async function testDatabase(): Promise<string> {
  const server = process.env.DATABASE_URL;
  if (!server) throw new Error('No database: run the tests with `npm test`, which starts one, or set DATABASE_URL');
  const name = testDatabaseName(randomBytes(4).toString('hex'));
  await createDatabase(server, name);
  after(() => dropDatabase(server, name));
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}
