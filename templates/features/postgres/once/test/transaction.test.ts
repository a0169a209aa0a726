import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { Database, type Transaction } from '../src/platform/postgres/database.ts';
import { createPool } from '../src/platform/postgres/pool.ts';
import { startApp } from './support/app.ts';
import { testDatabase } from './support/postgres.ts';

const DATABASE_URL = await testDatabase();

/** Every test has a table of its own, with the rows 1 and 2. */
async function setUp(t: TestContext, table: string) {
  const { app } = await startApp(t, { env: { DATABASE_URL } });
  const { database } = app;
  await database.query(`create table ${table} (id int primary key, value int not null default 0)`);
  await database.query(`insert into ${table} values (1), (2)`);
  const values = async () => (await database.query(`select id, value from ${table} order by id`)).rows;
  return { database, values };
}

/** Waits until two have come, and from then on for nobody. */
function meeting() {
  let arrived = 0;
  let open = () => {};
  const met = new Promise<void>((resolve) => (open = resolve));
  return async () => {
    if (++arrived === 2) open();
    await met;
  };
}

/** A database with one connection, and the stream of that. */
async function withStream(t: TestContext): Promise<{ database: Database; stream: Duplex }> {
  const pool = createPool({ url: DATABASE_URL, name: 'own', max: 1, waitMs: 5_000, onError: () => undefined });
  t.after(() => pool.end());
  const client = await pool.connect();
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  client.release();
  return { database: new Database(pool), stream };
}

test('a transaction of one statement is two round trips: it begins with that statement, and one without any not at all', async (t) => {
  const { database, stream } = await withStream(t);
  let writes = 0;
  const counted = <Args extends unknown[]>(write: (...args: Args) => void) =>
    function (this: unknown, ...args: Args): void {
      writes += 1;
      write.apply(this, args);
    };
  stream._write = counted(stream._write);
  stream._writev = counted(stream._writev as NonNullable<Duplex['_writev']>);

  await database.transaction((tx) => tx.query('select $1::int', [1]));
  assert.equal(writes, 2);
  await database.transaction(async () => undefined);
  assert.equal(writes, 2);
});

test('where the server does not begin, nothing of the transaction stays, also where that was caught', async (t) => {
  const { values } = await setUp(t, 'unbegun');
  const before = await values();
  const { database, stream } = await withStream(t);
  const write = stream.write.bind(stream) as (chunk: Buffer) => boolean;
  // A word that the server does not know.
  stream.write = (chunk: Buffer) => write(Buffer.from(chunk.toString('latin1').replace('begin', 'bogus'), 'latin1'));
  const add = (tx: Transaction, id: number) => tx.query('insert into unbegun values ($1)', [id]);
  const addPlain = (tx: Transaction, id: number) => tx.query(`insert into unbegun values (${id})`);

  for (const first of [add, addPlain]) {
    await assert.rejects(
      database.transaction((tx) => first(tx, 3)),
      { code: '42601' },
    );
    await assert.rejects(
      database.transaction((tx) => Promise.all([first(tx, 4), add(tx, 5), addPlain(tx, 6)])),
      { code: '42601' },
    );
    const catching = database.transaction(async (tx) => {
      await first(tx, 7).catch(() => undefined);
      await add(tx, 8).catch(() => undefined);
      await addPlain(tx, 9).catch(() => undefined);
    });
    await assert.rejects(catching, { name: 'RolledBack' });
  }
  assert.deepEqual(await values(), before);
});

test('a transaction that throws leaves nothing behind, and its connection is good again', async (t) => {
  const { database, values } = await setUp(t, 'thrown');
  const before = await values();
  let attempts = 0;
  const failing = database.transaction(async (tx) => {
    attempts += 1;
    await tx.query('insert into thrown values (3)');
    throw new Error('no');
  });
  await assert.rejects(failing, /^Error: no$/);
  assert.equal(attempts, 1);
  assert.deepEqual(await values(), before);
});

test('a transaction that Postgres rolled back is no success, and the statement that failed is named', async (t) => {
  const { database, values } = await setUp(t, 'swallowed');
  const before = await values();
  const swallowing = database.transaction(async (tx) => {
    await tx.query('insert into swallowed values (3)');
    await tx.query('insert into swallowed values (1)').catch(() => undefined);
    return 'done';
  });
  await assert.rejects(swallowing, (error: Error & { cause: { code: string } }) => {
    assert.equal(error.name, 'RolledBack');
    assert.equal(error.cause.code, '23505');
    return true;
  });
  assert.deepEqual(await values(), before);
});

test('what may fail stands in a savepoint, and the rest is committed', async (t) => {
  const { database, values } = await setUp(t, 'tolerated');
  const add = (tx: Transaction, id: number) => tx.query('insert into tolerated values ($1)', [id]);
  await database.transaction(async (tx) => {
    await add(tx, 3);
    const duplicate = tx.savepoint(async () => {
      await add(tx, 4);
      await add(tx, 1);
    });
    await assert.rejects(duplicate, { code: '23505' });
    await tx.savepoint(async () => {
      await assert.rejects(
        tx.savepoint(() => add(tx, 2)),
        { code: '23505' },
      );
      await add(tx, 5);
    });
  });
  assert.deepEqual(
    (await values()).map(({ id }) => id),
    [1, 2, 3, 5],
  );
});

test('of two that block each other both succeed: the one that Postgres ended runs again', async (t) => {
  const { database, values } = await setUp(t, 'deadlocked');
  const meet = meeting();
  let runs = 0;
  const change = (first: number, second: number) =>
    database.transaction(async (tx) => {
      runs += 1;
      await tx.query('update deadlocked set value = value + 1 where id = $1', [first]);
      await meet();
      await tx.query('update deadlocked set value = value + 1 where id = $1', [second]);
    });
  await Promise.all([change(1, 2), change(2, 1)]);
  assert.ok(runs > 2);
  assert.deepEqual(await values(), [
    { id: 1, value: 2 },
    { id: 2, value: 2 },
  ]);
});

test('of two that could not have run one after the other, one runs again and sees what the other did', async (t) => {
  const { database, values } = await setUp(t, 'skewed');
  const meet = meeting();
  // Only one of both rows may have a value.
  const claim = (id: number) =>
    database.transaction(async (tx) => {
      await tx.query('set transaction isolation level serializable');
      const { rows } = await tx.query<{ sum: number }>('select sum(value)::int as sum from skewed');
      await meet();
      if (rows[0]?.sum === 0) await tx.query('update skewed set value = 1 where id = $1', [id]);
    });
  await Promise.all([claim(1), claim(2)]);
  assert.equal((await values()).filter(({ value }) => value === 1).length, 1);
});

test('what never succeeds is given up, as a 503', async (t) => {
  const { database } = await setUp(t, 'hopeless');
  let runs = 0;
  const hopeless = database.transaction(async (tx) => {
    runs += 1;
    await tx.query("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
  });
  await assert.rejects(hopeless, { statusCode: 503, kind: 'database-conflict' });
  assert.equal(runs, 5);
});
