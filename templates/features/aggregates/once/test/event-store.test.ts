import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStore } from '../src/platform/event-store/execute.ts';
import { defineProjection, type Projection } from '../src/platform/event-store/projection.ts';
import { catchUp, rebuild } from '../src/platform/event-store/projector.ts';
import { append, VersionConflict } from '../src/platform/event-store/store.ts';
import type { Database, Queries } from '../src/platform/postgres/database.ts';
import { account } from './support/account.ts';
import { startApp } from './support/app.ts';
import { door } from './support/door.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

/** Sums by account, and in which order the projection saw what. */
const balances = (name: string, mode: Projection['mode']): Projection =>
  defineProjection({
    name,
    mode,
    aggregates: ['account'],
    async handle(events, tx) {
      for (const { aggregateId, version, data } of events) {
        await tx.query('insert into test_seen (projection, id, version) values ($1, $2, $3)', [
          name,
          aggregateId,
          version,
        ]);
        await tx.query(
          `insert into test_balances as b (projection, id, balance) values ($1, $2, $3)
           on conflict (projection, id) do update set balance = b.balance + excluded.balance`,
          [name, aggregateId, (data as { amount: number }).amount],
        );
      }
    },
    async reset(tx) {
      await tx.query('delete from test_seen where projection = $1', [name]);
      await tx.query('delete from test_balances where projection = $1', [name]);
    },
  });

async function start(t: Parameters<typeof startApp>[0], projections: readonly Projection[] = []) {
  // Fifty at once wait for a connection for as long as this machine takes.
  const { app } = await startApp(t, {
    env: { DATABASE_URL: await testDatabase(), DATABASE_POOL_MAX: '20', DATABASE_WAIT_MS: '60000' },
  });
  await app.database.query(
    'create table test_balances (projection text, id text, balance integer, primary key (projection, id))',
  );
  await app.database.query(
    'create table test_seen (at bigint generated always as identity, projection text, id text, version integer)',
  );
  return { database: app.database, store: new EventStore(app.database, projections) };
}

const deposit = (tx: Queries, id: string, expectedVersion: number) =>
  append(tx, { aggregate: account, id, expectedVersion, events: [{ type: 'Deposited', data: { amount: 1 } }] });

const seen = async (database: Database, projection: string): Promise<string[]> => {
  const text = 'select id, version from test_seen where projection = $1 order by at';
  const { rows } = await database.query<{ id: string; version: number }>(text, [projection]);
  return rows.map(({ id, version }) => `${id} ${version}`);
};

/** Lets the projection read what there is to read, and tells what it has seen by then. */
async function read(database: Database, projection: Projection): Promise<string[]> {
  while ((await catchUp(database, projection, 100)) > 0);
  return seen(database, projection.name);
}

/** A transaction that has done its work and stays open until it is told to end. */
async function hold(database: Database, work: (tx: Queries) => Promise<unknown>): Promise<() => Promise<void>> {
  const end = door();
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    ended = database.transaction(async (tx) => {
      await work(tx);
      resolve();
      await end.opened;
    });
    ended.catch(reject);
  });
  return () => {
    end.open();
    return ended;
  };
}

test('a reader never passes an event that commits later', async (t) => {
  const { database } = await start(t);
  const projection = balances('order', 'catch-up');
  await catchUp(database, projection, 100);
  const commit = await hold(database, (tx) => deposit(tx, 'slow', 0));
  await database.transaction((tx) => deposit(tx, 'quick', 0));
  assert.deepEqual(await read(database, projection), []);
  await commit();
  assert.deepEqual(await read(database, projection), ['slow 1', 'quick 1']);
});

test('a reader waits only for who appends: not for other transactions of this database, nor of others', async (t) => {
  const between = door(t);
  const { database } = await start(t);
  const projection = balances('alone', 'catch-up');
  await catchUp(database, projection, 100);
  const other = (await startApp(t, { env: { DATABASE_URL: await testDatabase() } })).app.database;
  const commitElsewhere = await hold(other, (tx) => tx.query('create table elsewhere (id integer)'));
  // Older than whoever is read before it, and appends after that.
  const late = database.transaction(async (tx) => {
    await tx.query("insert into test_balances values ('x', 'x', 0)");
    await between.opened;
    await deposit(tx, 'late', 0);
  });
  await database.transaction((tx) => deposit(tx, 'early', 0));
  assert.deepEqual(await read(database, projection), ['early 1']);
  between.open();
  await late;
  assert.deepEqual(await read(database, projection), ['early 1', 'late 1']);
  await commitElsewhere();
});

test('a reader misses nothing while transactions of any length overlap, and some fail', async (t) => {
  const { database } = await start(t);
  const projection = balances('overlap', 'catch-up');
  let isOver = false;
  const write = async (id: string): Promise<void> => {
    for (let version = 0; version < 100; ) {
      const isKept = Math.random() > 0.2;
      const transaction = database.transaction(async (tx) => {
        await deposit(tx, id, version);
        if (Math.random() > 0.5) await tx.query('select pg_sleep(random() * 0.004)');
        if (!isKept) throw new Error('by chance');
      });
      await (isKept ? transaction : assert.rejects(transaction, /by chance/));
      if (isKept) version += 1;
      await database.query('select pg_sleep(random() * 0.004)');
    }
  };
  const ids = ['a', 'b', 'c'];
  const writers = Promise.all(ids.map(write)).finally(() => {
    isOver = true;
  });
  while (!isOver) await catchUp(database, projection, 10);
  await writers;
  const all = await read(database, projection);
  for (const id of ids) {
    const own = all.filter((one) => one.startsWith(id));
    assert.deepEqual(
      own,
      Array.from({ length: 100 }, (_, n) => `${id} ${n + 1}`),
    );
  }
});

test('what is not what the event says is never stored', async (t) => {
  const { database } = await start(t);
  const wrong = {
    aggregate: account,
    id: 'a',
    expectedVersion: 0,
    events: [{ type: 'Deposited', data: { amount: 'much' } }],
  };
  await assert.rejects(
    database.transaction((tx) => append(tx, wrong)),
    /account Deposited: data\.amount/,
  );
});

test('of fifty appends to one version exactly one wins', async (t) => {
  const { database } = await start(t);
  const race = await Promise.allSettled(
    Array.from({ length: 50 }, () => database.transaction((tx) => deposit(tx, 'a', 0))),
  );
  assert.equal(race.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of race) if (one.status === 'rejected') assert.ok(one.reason instanceof VersionConflict);
});

/** A projection that waits where it has written, for as long as `wait` says for these events. */
const waiting = (name: string, mode: Projection['mode'], wait: (ids: string[]) => Promise<void>): Projection => {
  const projection = balances(name, mode);
  return {
    ...projection,
    async handle(events, tx) {
      await projection.handle(events, tx);
      await wait(events.map(({ aggregateId }) => aggregateId));
    },
  };
};

test('while one replica handles events no other does', async (t) => {
  const [begun, again, end] = [door(), door(), door(t)];
  const { database, store } = await start(t);
  let handled = 0;
  const projection = waiting('turns', 'catch-up', async () => {
    handled += 1;
    (handled === 1 ? begun : again).open();
    await end.opened;
  });
  await catchUp(database, projection, 100);
  await store.execute(account, 'a', 1);
  const first = catchUp(database, projection, 100);
  await begun.opened;
  const second = catchUp(database, projection, 100);
  await Promise.race([second, again.opened]);
  end.open();
  assert.deepEqual(await Promise.all([first, second]), [1, 0]);
  assert.equal(handled, 1);
});

test('inline: a rebuild waits for commands that have written, and counts them once', async (t) => {
  const [written, end] = [door(), door(t)];
  let isReplayed = false;
  const projection = waiting('rebuilt', 'inline', async ([id]) => {
    if (id === 'first') isReplayed = true;
    else written.open();
    await end.opened;
  });
  const { database, store } = await start(t, [projection]);
  await new EventStore(database, []).execute(account, 'first', 1);
  const command = store.execute(account, 'open', 1);
  await written.opened;
  const rebuilding = rebuild(database, projection, 1);
  await eventually('the rebuild waits, or goes on without', async () => {
    const { rowCount } = await database.query("select from pg_locks where locktype = 'advisory' and not granted");
    return rowCount === 1 || isReplayed;
  });
  end.open();
  await Promise.all([command, rebuilding]);
  assert.deepEqual(await seen(database, 'rebuilt'), ['first 1', 'open 1']);
});

for (const mode of ['inline', 'catch-up'] as const) {
  test(`${mode}: a rebuild while others write misses nothing and counts nothing twice`, async (t) => {
    const projection = balances(mode, mode);
    const { database, store } = await start(t, [projection]);
    const ids = ['a', 'b', 'c', 'd'];
    const write = async (id: string): Promise<void> => {
      for (let n = 0; n < 25; n += 1) await store.execute(account, id, 1);
    };
    const writers = Promise.all(ids.map(write));
    let rebuilds = 0;
    let isOver = false;
    const over = writers.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await rebuild(database, projection, 7);
      rebuilds += 1;
    }
    await over;
    assert.ok(rebuilds > 0);
    const all = mode === 'inline' ? await seen(database, mode) : await read(database, projection);
    assert.equal(new Set(all).size, 100);
    assert.equal(all.length, 100);
    for (const id of ids) {
      const versions = all.filter((one) => one.startsWith(id)).map((one) => Number(one.split(' ')[1]));
      assert.deepEqual(
        versions,
        Array.from({ length: 25 }, (_, n) => n + 1),
      );
    }
    const { rows } = await database.query('select id, balance from test_balances where projection = $1 order by id', [
      mode,
    ]);
    assert.deepEqual(
      rows,
      ids.map((id) => ({ id, balance: 25 })),
    );
  });
}
