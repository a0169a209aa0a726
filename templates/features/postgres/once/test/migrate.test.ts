import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { testDatabase } from './support/postgres.ts';

const databases = [await testDatabase(), await testDatabase(), await testDatabase()];

async function setUp(t: TestContext, files: Record<string, string>, limits: pg.PoolConfig = {}) {
  const pool = new pg.Pool({ connectionString: databases.pop(), ...limits });
  // The database of a test goes before its last connection does.
  pool.on('error', () => {});
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
  t.after(async () => {
    await pool.end();
    await rm(folder, { recursive: true });
  });
  return { pool, folder };
}

const tables = async (pool: pg.Pool): Promise<string[]> => {
  const { rows } = await pool.query("select tablename from pg_tables where schemaname = 'public' order by 1");
  return rows.map(({ tablename }) => tablename);
};

test('ten replicas that start at once apply every migration once', async (t) => {
  const files = {
    '0001-a.sql': 'create table a (id int)',
    '0002-b.sql': 'insert into a values (1); create table b (id int)',
  };
  const { pool, folder } = await setUp(t, files);

  const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(pool, folder)));

  assert.deepEqual(applied.flat(), ['0001-a.sql', '0002-b.sql']);
  assert.equal((await pool.query('select from a')).rowCount, 1);
});

test('a migration that fails leaves the schema as it was, and names itself', async (t) => {
  const { pool, folder } = await setUp(t, { '0001-good.sql': 'create table a (id int)' });
  await migrate(pool, folder);
  const before = await tables(pool);
  await writeFile(join(folder, '0002-good.sql'), 'create table b (id int)');
  await writeFile(join(folder, '0003-bad.sql'), 'create table c (id int); select 1/0');

  await assert.rejects(migrate(pool, folder), /0003-bad\.sql failed: division by zero/);
  assert.deepEqual(await tables(pool), before);

  await writeFile(join(folder, '0003-bad.sql'), 'create table c (id int)');
  assert.deepEqual(await migrate(pool, folder), ['0002-good.sql', '0003-bad.sql']);
});

test('a migration may take longer than a request', async (t) => {
  const files = { '0001-slow.sql': 'create table a (id int); select pg_sleep(0.3)' };
  const { pool, folder } = await setUp(t, files, { query_timeout: 100 });
  assert.deepEqual(await migrate(pool, folder), ['0001-slow.sql']);
});
