import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saga } from '../src/platform/sagas/saga.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';
import { door } from './support/step-service.ts';

/** A saga of one step that waits at a door, and how often it got there. */
function waiting() {
  const { opened, open } = door();
  const at = { calls: 0, open };
  const held = saga<object>('held')
    .step(
      'wait',
      async () => {
        at.calls += 1;
        await opened;
      },
      undefined,
      { timeoutMs: 60_000 },
    )
    .returns(() => undefined);
  return { held, at };
}

test('six rollouts hand a saga on: none of them counts as a takeover', async (t) => {
  const { held, at } = waiting();
  const env = {
    DATABASE_URL: await testDatabase(),
    SAGA_TAKEOVER_LIMIT: '1',
    SAGA_DRAIN_MS: '0',
    SAGA_LEASE_MS: '3000',
  };
  const start = () => startApp(t, { env, extend: async (app) => app.sagas.add(held) });

  let { app } = await start();
  await app.sagas.start(held, 'long', {});
  for (let rollouts = 1; rollouts <= 6; rollouts += 1) {
    await eventually('it runs', () => at.calls === rollouts);
    await app.close();
    ({ app } = await start());
  }
  await eventually('it runs again', () => at.calls === 7);
  const { rows } = await app.database.query('select takeovers from saga_takeovers');
  assert.deepEqual(rows, [{ takeovers: 0 }]);
  at.open();
  await eventually('it ends well', async () => (await app.sagas.status(held, 'long'))?.state === 'completed');
});

test('an orphan is found behind 600 that wait for another version', async (t) => {
  const { held, at } = waiting();
  const env = { DATABASE_URL: await testDatabase(), SAGA_DRAIN_MS: '0', SAGA_LEASE_MS: '3000' };
  const start = () => startApp(t, { env, extend: async (app) => app.sagas.add(held) });

  const before = await start();
  await before.app.sagas.start(held, 'orphan', {});
  await eventually('it runs', () => at.calls === 1);
  await before.app.database.query(`insert into dbos.workflow_status
    select (jsonb_populate_record(orphan, jsonb_build_object(
      'workflow_uuid', 'held:stranded-' || n, 'application_version', 'gone', 'created_at', orphan.created_at - 60000
    ))).*
    from dbos.workflow_status orphan, generate_series(1, 600) n where workflow_uuid = 'held:orphan'`);
  await before.app.close();

  const { app } = await start();
  await eventually('it is taken over', () => at.calls === 2);
  at.open();
  await eventually('it ends well', async () => (await app.sagas.status(held, 'orphan'))?.state === 'completed');
  await eventually('the others are told of', async () => {
    const { stranded } = (await app.health.report()).checks.sagas as { stranded?: unknown[] };
    return stranded?.length === 10;
  });
});
