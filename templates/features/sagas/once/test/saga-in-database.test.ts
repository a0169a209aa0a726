import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inDatabase, undoInDatabase } from '../src/platform/sagas/in-database.ts';
import { startApp } from './support/app.ts';
import { testDatabase } from './support/postgres.ts';

const database = await testDatabase();

test("a step in the service's own database happens once by its key, is undone once, and never after that", async (t) => {
  const { app } = await startApp(t, { env: { DATABASE_URL: database } });
  await app.database.query('create table test_orders (id text)');
  const orders = async () => (await app.database.query('select from test_orders')).rowCount;
  let undone = 0;
  const stepOf = (id: string) => {
    const call = { app, sagaId: `s:${id}`, key: `s:${id}:create`, actionKey: `s:${id}:create` };
    return {
      act: (after = () => {}) =>
        inDatabase(call, async (tx) => {
          await tx.query('insert into test_orders values ($1)', [id]);
          after();
          return { id };
        }),
      undo: () =>
        undoInDatabase(call, async (tx) => {
          undone += 1;
          await tx.query('delete from test_orders where id = $1', [id]);
        }),
    };
  };

  const created = stepOf('created');
  const fails = () => {
    throw new Error('half way');
  };
  await assert.rejects(created.act(fails), /half way/);
  assert.equal(await orders(), 0);
  assert.deepEqual(await Promise.all([created.act(), created.act(), created.act()]), Array(3).fill({ id: 'created' }));
  assert.equal(await orders(), 1);

  await Promise.all([created.undo(), created.undo()]);
  assert.equal(undone, 1);
  await assert.rejects(created.act(), { name: 'Refused' });
  assert.equal(await orders(), 0);

  const late = stepOf('late');
  await late.undo();
  await assert.rejects(late.act(), { name: 'Refused' });
  assert.equal(await orders(), 0);
  assert.equal(undone, 1);
});
