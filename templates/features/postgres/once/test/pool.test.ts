import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createPool } from '../src/platform/postgres/pool.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

test('a connection that breaks while nobody uses it is told, ends nothing, and another one takes its place', async (t) => {
  const url = await testDatabase();
  const told: Error[] = [];
  const pool = createPool({ url, name: 'test', max: 1, waitMs: 60_000, onError: (error) => told.push(error) });
  t.after(() => pool.end());
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const other = new pg.Client(url);
  await other.connect();
  await other.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await other.end();
  await eventually('it is told', () => told.length === 1);
  assert.equal((await pool.query('select 1')).rowCount, 1);
});
