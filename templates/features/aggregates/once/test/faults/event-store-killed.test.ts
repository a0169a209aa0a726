import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { catchUp, rebuild } from '../../src/platform/event-store/projector.ts';
import type { Database } from '../../src/platform/postgres/database.ts';
import { account } from '../support/account.ts';
import { ownRole, startAgain } from '../support/again.ts';
import { startApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { testDatabase } from '../support/postgres.ts';
import { type Death, die, seen } from '../support/store-worker.ts';

if (ownRole) await die(ownRole as Death);
else defineTests();

/** Lets another process die. */
async function dieOf(t: TestContext, how: Death, env: NodeJS.ProcessEnv): Promise<void> {
  assert.equal(await startAgain(t, how, env).exited, 'SIGKILL');
}

/** The service with a database of its own, which workers use too. */
async function start(t: TestContext) {
  const env = { DATABASE_URL: await testDatabase() };
  const { app } = await startApp(t, { env });
  await app.database.query('create table test_seen (at bigint generated always as identity, version integer)');
  return { eventStore: app.eventStore, database: app.database, env };
}

async function versions(database: Database): Promise<number[]> {
  const { rows } = await database.query<{ version: number }>('select version from test_seen order by at');
  return rows.map(({ version }) => version);
}

const ten = Array.from({ length: 10 }, (_, index) => index + 1);

function defineTests(): void {
  test('killed between the commit and the answer: the same command again has happened once', async (t) => {
    const { eventStore, env } = await start(t);
    await dieOf(t, 'answer', env);
    const again = await eventStore.execute(account, 'a', 1, { commandId: 'deposit-1' });
    assert.deepEqual(again, { state: 1, version: 1 });
    assert.deepEqual(await eventStore.find(account, 'a'), { state: 1, version: 1 });
  });

  test('killed before the commit: nothing has happened, and no reader waits for the dead', async (t) => {
    const { eventStore, database, env } = await start(t);
    await dieOf(t, 'commit', env);
    await eventStore.execute(account, 'a', 1);
    await eventually(
      'the event of the living is read',
      async () => {
        await catchUp(database, seen(), 100);
        return (await versions(database)).length > 0;
      },
      60_000,
    );
    assert.deepEqual(await versions(database), [1]);
    assert.equal((await eventStore.find(account, 'b')).version, 0);
  });

  test('a projection killed in the middle of a batch goes on without missing or repeating an event', async (t) => {
    const { eventStore, database, env } = await start(t);
    for (const _ of ten) await eventStore.execute(account, 'a', 1);
    await catchUp(database, seen(), 2);
    await catchUp(database, seen(), 2);
    await dieOf(t, 'catch-up', env);
    await untilRead(database);
    assert.deepEqual(await versions(database), ten);
  });

  test('killed in the middle of a rebuild: readers keep the old table, and the next rebuild is complete', async (t) => {
    const { eventStore, database, env } = await start(t);
    for (const _ of ten) await eventStore.execute(account, 'a', 1);
    await untilRead(database);
    await dieOf(t, 'rebuild', env);
    assert.deepEqual(await versions(database), ten);
    assert.equal(await rebuild(database, seen(), 3), 10);
    assert.deepEqual(await versions(database), ten);
  });
}

/** The database may need a moment to notice that a process is dead, and lets nobody else at its work until then. */
const untilRead = (database: Database): Promise<boolean> =>
  eventually(
    'all ten are read',
    async () => {
      await catchUp(database, seen(), 100);
      return (await versions(database)).length >= ten.length;
    },
    60_000,
  );
