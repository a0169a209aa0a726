import { service } from '../../src/identity.ts';
import { defineLocalProgram } from '../local-programs.ts';
import { createDatabase, dropAbandonedDatabases, dropDatabase, testDatabaseName } from '../postgres/databases.ts';
import { startPostgres } from '../postgres/server.ts';

/** A database for `npm run dev`, which stays, and one for each `npm test`, which goes. `DATABASE_URL` wins. */
export default defineLocalProgram({
  name: 'postgres',
  async start({ purpose, env }) {
    if (env.DATABASE_URL) return {};
    const server = await startPostgres();
    const admin = server.url('postgres');
    await dropAbandonedDatabases(admin);
    const database = purpose === 'dev' ? service.name.replaceAll('-', '_') : testDatabaseName('run');
    await createDatabase(admin, database);
    return {
      env: { DATABASE_URL: server.url(database) },
      async stop() {
        if (purpose === 'test') await dropDatabase(admin, database);
        await server.release();
      },
    };
  },
});
