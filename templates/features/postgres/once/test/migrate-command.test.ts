import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';
import { programArgs, spawnProgram } from './support/process.ts';

const [empty, waitedFor, ended] = [await testDatabase(), await testDatabase(), await testDatabase()];

const runCommand = (t: TestContext, DATABASE_URL: string, ...args: string[]) =>
  spawnProgram(t, [process.execPath, ...programArgs('migrate-command'), ...args], { DATABASE_URL });

test('a service that leaves the migrations to a Job starts once the command has run, and applies none itself', async (t) => {
  const env = { DATABASE_URL: empty, DATABASE_MIGRATE: 'job', DATABASE_START_TIMEOUT_MS: '0' };
  await assert.rejects(startApp(t, { env }), /lacks the migrations of this version: 0001/);
  const command = runCommand(t, empty);
  assert.equal(await command.exited, 0, command.lines.at(-1));
  await startApp(t, { env });
  assert.equal(await runCommand(t, empty).exited, 0, 'once more does nothing');
});

test('--wait ends when another process has applied everything', async (t) => {
  const waiting = runCommand(t, waitedFor, '--wait');
  await eventually('it waits', () =>
    waiting.lines.some((line) => line.includes('waits until the database is migrated')),
  );
  assert.equal(await runCommand(t, waitedFor).exited, 0);
  assert.equal(await waiting.exited, 0);
});

test('a command that is ended is not complete, and leaves nothing half done', async (t) => {
  const client = new pg.Client({ connectionString: ended });
  await client.connect();
  t.after(() => client.end());
  // The first file meets its own name and waits behind us.
  await client.query('begin; create table idempotency_keys (id int)');
  const command = runCommand(t, ended);
  await eventually('it waits for the lock', () => command.lines.some((line) => line.includes('it tries again')));
  command.child.kill('SIGTERM');
  assert.equal(await command.exited, 143);
  await client.query('rollback');
  const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public'");
  assert.deepEqual(rows, [{ tablename: 'schema_migrations' }]);
});

test('a wrong argument is told how it is used', async (t) => {
  const command = runCommand(t, empty, '--force');
  assert.equal(await command.exited, 2);
  assert.ok(command.lines.some((line) => line.startsWith('Usage: npm run migrate')));
});
