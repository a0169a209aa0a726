import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused, saga } from '../src/platform/sagas/saga.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

test('sagas that ended long ago are removed, and nothing else', async (t) => {
  let runs = 0;
  const noted = saga<{ refuse: boolean }>('noted')
    .step(
      'note',
      async ({ input }) => {
        runs += 1;
        if (input.refuse) throw new Refused('not today');
        return runs;
      },
      async () => {
        throw new Error('cannot be undone');
      },
    )
    .returns(({ note }) => note);
  const env = { DATABASE_URL: await testDatabase(), SAGA_COMPENSATION_ATTEMPTS: '1', SAGA_KEEP_DAYS: '30' };
  const start = () => startApp(t, { env, extend: async (app) => app.sagas.add(noted) });

  const before = await start();
  for (const [id, state] of [
    ['old', 'completed'],
    ['young', 'completed'],
    ['broken', 'stuck'],
  ] as const) {
    await before.app.sagas.start(noted, id, { refuse: state === 'stuck' });
    await eventually(`${id} ends`, async () => (await before.app.sagas.status(noted, id))?.state === state);
  }
  const { database } = before.app;
  await database.query(
    `update dbos.workflow_status set completed_at = completed_at - 31 * 86400000::bigint where workflow_uuid <> 'noted:young'`,
  );
  await database.query(`insert into saga_leases values ('dead-long-ago', '1', now() - interval '31 days')`);
  await before.app.close();

  const { app } = await start();
  await eventually('the old one is gone', async () => !(await app.sagas.status(noted, 'old')));
  await eventually(
    'so is the lease of a process that died long ago',
    async () => (await app.database.query(`select from saga_leases where executor = 'dead-long-ago'`)).rowCount === 0,
  );
  assert.equal((await app.sagas.start(noted, 'young', { refuse: false })).result, 2);
  assert.equal((await app.sagas.status(noted, 'broken'))?.state, 'stuck');
  assert.equal(runs, 3);
});
