import { service } from '../../src/identity.ts';
import { defineLocalProgram } from '../local-programs.ts';
import { createDatabase, dropDatabase } from '../postgres/databases.ts';
import { startPostgres } from '../postgres/server.ts';

/** A database for `npm run dev`, which stays, and one for each `npm test`, which goes. `DATABASE_URL` wins. */
export default defineLocalProgram({
  name: 'postgres',
  async start({ purpose, env }) {
    if (env.DATABASE_URL) return {};
    const server = await startPostgres();
    const name = service.name.replaceAll('-', '_');
    const database = purpose === 'dev' ? name : `test_${name}_${process.pid}`;
    await createDatabase(server.url('postgres'), database);
    return {
      env: { DATABASE_URL: server.url(database) },
      async stop() {
        if (purpose === 'test') await dropDatabase(server.url('postgres'), database);
        await server.release();
      },
    };
  },
});
