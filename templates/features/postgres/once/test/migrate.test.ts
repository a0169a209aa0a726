import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { type MigrateOptions, migrate } from '../src/platform/postgres/migrate.ts';
import { parseMigration } from '../src/platform/postgres/migration.ts';
import { untilMigrated } from '../src/platform/postgres/until-migrated.ts';
import { untilReachable } from '../src/platform/postgres/until-reachable.ts';
import { startPgbouncer, withoutPgbouncer } from './support/pgbouncer.ts';
import { testDatabase } from './support/postgres.ts';

const databases = await Promise.all(Array.from({ length: 8 }, testDatabase));

async function setUp(t: TestContext, files: Record<string, string>) {
  const url = databases.pop() as string;
  // Where a migration takes a lock and waits with it, these end and tell.
  const pool = new pg.Pool({
    connectionString: url,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  t.after(async () => {
    await pool.end();
    await rm(folder, { recursive: true });
  });
  const warnings: string[] = [];
  const log = { info() {}, warn: (_details: unknown, message?: string) => void warnings.push(`${message}`) };
  const options: MigrateOptions = { url, name: 'test', folder, lockTimeoutMs: 200, giveUpMs: 600_000, log };
  const add = (name: string, sql: string) => writeFile(join(folder, name), sql);
  for (const [name, sql] of Object.entries(files)) await add(name, sql);
  return { url, pool, options, add, warnings };
}

const tables = async (pool: pg.Pool): Promise<string[]> => {
  const { rows } = await pool.query("select tablename from pg_tables where schemaname = 'public' order by 1");
  return rows.map(({ tablename }) => tablename);
};

test('ten replicas that start at once apply every migration once', async (t) => {
  const { pool, options } = await setUp(t, {
    '0001-a.sql': 'create table a (id int)',
    '0002-b.sql': 'insert into a values (1); create table b (id int)',
    '0003-c.sql': '-- no transaction\ncreate index concurrently a_id on a (id);',
  });
  const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(options)));
  assert.deepEqual(applied.flat(), ['0001-a.sql', '0002-b.sql', '0003-c.sql']);
  assert.equal((await pool.query('select from a')).rowCount, 1);
});

test('a migration that fails leaves nothing behind and names itself; those before it stay', async (t) => {
  const { pool, options, add } = await setUp(t, { '0001-good.sql': 'create table a (id int)' });
  await add('0002-good.sql', 'create table b (id int)');
  await add('0003-bad.sql', 'create table c (id int); select 1/0');
  await assert.rejects(migrate(options), /0003-bad\.sql failed: division by zero/);
  assert.deepEqual(await tables(pool), ['a', 'b', 'schema_migrations']);

  await add('0003-bad.sql', 'create table c (id int)');
  assert.deepEqual(await migrate(options), ['0003-bad.sql']);
});

test('a migration that waits for a lock lets the others pass, and is applied in the end', async (t) => {
  const { pool, options, add, warnings } = await setUp(t, { '0001-a.sql': 'create table a (id int)' });
  await migrate(options);
  await add('0002-a.sql', 'alter table a add column name text');
  // A report that takes its time: nobody gets the whole table meanwhile.
  const report = await pool.connect();
  await report.query('begin; select * from a');

  const migrating = migrate(options);
  try {
    // Each of these would wait behind the alter table until the report has ended.
    while (warnings.length < 2) await pool.query('select * from a');
  } finally {
    await report.query('commit');
    report.release();
  }
  assert.deepEqual(await migrating, ['0002-a.sql']);
});

test('a migration that gets no lock is given up with the reason, and leaves nothing behind', async (t) => {
  const { pool, options, add } = await setUp(t, { '0001-a.sql': 'create table a (id int)' });
  await migrate(options);
  await add('0002-a.sql', 'create table b (id int); alter table a add column name text');
  const report = await pool.connect();
  await report.query('begin; select * from a');
  await assert.rejects(migrate({ ...options, giveUpMs: 0 }), /0002-a\.sql failed: .*lock timeout.*pg_locks/);
  assert.deepEqual(await tables(pool), ['a', 'schema_migrations']);
  await report.query('commit');
  report.release();
});

test('statements outside a transaction go one by one, and what stopped half-way is begun anew', async (t) => {
  const { pool, options, add } = await setUp(t, {
    '0001-a.sql': 'create table a (id int); insert into a values (1), (1)',
  });
  const index = (unique: string) => `-- no transaction
-- An index that a failed attempt left is of no use: it goes first.
drop index concurrently if exists a_id;
create ${unique} index concurrently a_id on a (id);
`;
  await add('0002-index.sql', index('unique'));
  await assert.rejects(migrate(options), /0002-index\.sql failed: could not create unique index/);
  await add('0002-index.sql', index(''));
  assert.deepEqual(await migrate(options), ['0002-index.sql']);
  const { rows } = await pool.query("select indisvalid from pg_index where indexrelid = 'a_id'::regclass");
  assert.deepEqual(rows, [{ indisvalid: true }]);
});

test('the marker stands in the first line; a semicolon inside a line ends nothing', () => {
  const sql = "-- no transaction\nselect 'a;b';\n\n-- why\nselect 2;\n-- end\n";
  const { inTransaction, parts } = parseMigration('0001-a.sql', sql);
  assert.equal(inTransaction, false);
  assert.deepEqual(
    parts.map((part) => part.trim().split('\n').at(-1)),
    ["select 'a;b'", 'select 2'],
  );
  assert.equal(parseMigration('0001-a.sql', 'select 1;\n-- no transaction\n').inTransaction, true);
});

test('a connection that breaks in the middle is no failure of the migration', async (t) => {
  const { pool, options, warnings } = await setUp(t, {
    '0001-a.sql': `create table a (id int);
      -- The first two attempts end the connection they run on; the third sees their traces.
      select case when nextval('attempts') < 3 then pg_terminate_backend(pg_backend_pid()) end`,
  });
  await pool.query('create sequence attempts');
  await assert.rejects(migrate(options), ({ message }: Error) => !message.includes('0001-a.sql'));
  const applied = await untilReachable(() => migrate(options), { timeoutMs: 600_000, log: options.log });
  assert.deepEqual(applied, ['0001-a.sql']);
  assert.deepEqual(warnings, ['the database is not reachable yet']);
});

test('a migration may take longer than any statement of a request, and behind a pooler', {
  skip: withoutPgbouncer,
}, async (t) => {
  const { url, options } = await setUp(t, {
    '0001-slow.sql': 'create table a (id int); select pg_sleep(0.5)',
    '0002-index.sql': '-- no transaction\ncreate index concurrently a_id on a (id);',
  });
  const pooled = await startPgbouncer(t, url);
  assert.deepEqual(await migrate({ ...options, url: pooled }), ['0001-slow.sql', '0002-index.sql']);
});

test('who leaves the migrations to a Job waits for it, and says what is missing where it does not come', async (t) => {
  const { options } = await setUp(t, { '0001-a.sql': 'create table a (id int)' });
  await assert.rejects(untilMigrated(options, 0), /lacks the migrations of this version: 0001-a\.sql/);
  const waiting = untilMigrated(options);
  await migrate(options);
  await waiting;
});
