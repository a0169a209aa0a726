import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../scripts/postgres/databases.ts';
import { startOwnPostgres } from '../scripts/postgres/own-server.ts';
import { saga } from '../src/platform/sagas/saga.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { sagasCommand } from './support/sagas.ts';

test('the database is away: a start and a status say so at once, and neither hangs', async (t) => {
  const noted = saga<object>('noted')
    .step('note', async () => 1, undefined)
    .returns(({ note }) => note);
  const server = await startOwnPostgres();
  await createDatabase(server.url('postgres'), 'service');
  const env = { DATABASE_URL: server.url('service'), SAGA_DRAIN_MS: '0', SAGA_LEASE_MS: '500' };
  const { app } = await startApp(t, { env, extend: async (extended) => extended.sagas.add(noted) });
  // Behind the service: what the engine was about to write when its database went away for ever would keep this file.
  t.after(() => server.remove());
  await app.sagas.start(noted, 'before', {});
  await eventually('it ends', async () => (await app.sagas.status(noted, 'before'))?.state === 'completed');

  await server.crash();
  const away = { statusCode: 503, kind: 'database-unavailable' };
  await assert.rejects(app.sagas.start(noted, 'new', {}), away);
  await assert.rejects(app.sagas.status(noted, 'before'), away);
  assert.deepEqual(await sagasCommand(env, 'list'), { status: 1, output: '' });

  await server.restart();
  await eventually('it is there again', () =>
    app.sagas.start(noted, 'new', {}).then(
      () => true,
      () => false,
    ),
  );
  await eventually('it ends', async () => (await app.sagas.status(noted, 'new'))?.state === 'completed');
  // Before its database is removed: what is left of the engine would wait for that for ever, and this process with it.
  await app.close();
});
