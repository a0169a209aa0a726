import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { freePort } from '../scripts/free-port.ts';
import { createDatabase } from '../scripts/postgres/databases.ts';
import { startOwnPostgres } from '../scripts/postgres/own-server.ts';
import { Database } from '../src/platform/postgres/database.ts';
import { createPool } from '../src/platform/postgres/pool.ts';
import { startTracing } from '../src/platform/tracing/start.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { startCollector } from './support/collector.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { testDatabase } from './support/postgres.ts';
import { programArgs, spawnProgram } from './support/process.ts';
import { asProcessOne, signalProcessOne, withoutNamespaces } from './support/process-one.ts';

const DATABASE_URL = await testDatabase();

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

/** A route that asks the database for something. */
const asking = (sql: string) => async (app: FastifyInstance) => {
  app.get('/ask', async () => (await app.database.query(sql)).rows);
};

test('the database goes and comes back: not ready, but alive, and ready again without a restart', async (t) => {
  const server = await startOwnPostgres();
  await createDatabase(server.url('postgres'), 'service');
  const env = { DATABASE_URL: server.url('service') };
  const { url } = await startApp(t, { env, extend: asking('select 1 as one') });
  t.after(() => server.remove());
  await untilReady(url);

  await server.crash();
  await eventually('it is not ready', async () => (await statusOf(`${url}/health/ready`)) === 503);
  assert.equal(await statusOf(`${url}/health/live`), 200);
  const refused = await fetch(`${url}/ask`);
  assert.equal(refused.status, 503);
  assert.equal((await bodyOf(refused)).type, '/problems/database-unavailable');

  await server.restart();
  await untilReady(url);
  assert.equal(await statusOf(`${url}/ask`), 200);
});

test('a pool that is exhausted is a 503 in time, and no reason to take the service out', async (t) => {
  const env = { DATABASE_URL, DATABASE_POOL_MAX: '1' };
  const { app, url } = await startApp(t, { env, extend: asking('select 1') });
  const held = await app.database.pool.connect();

  // Nobody gives the connection back before there is an answer.
  const refused = await fetch(`${url}/ask`);
  assert.equal(refused.status, 503);
  assert.equal((await bodyOf(refused)).type, '/problems/database-busy');
  await untilReady(url);

  held.release();
  assert.equal(await statusOf(`${url}/ask`), 200);
});

test('a statement that takes too long is stopped, and answered with 503', async (t) => {
  const env = { DATABASE_URL, DATABASE_STATEMENT_TIMEOUT_MS: '200' };
  const { url } = await startApp(t, { env, extend: asking('select pg_sleep(60)') });
  const refused = await fetch(`${url}/ask`);
  assert.equal(refused.status, 503);
  assert.equal((await bodyOf(refused)).type, '/problems/database-slow');
});

test('a server that is frozen, and cannot even stop a statement, is given up in time', {
  timeout: 60_000,
}, async (t) => {
  const pool = createPool({
    url: DATABASE_URL,
    name: 'test',
    max: 1,
    waitMs: 60_000,
    statementTimeoutMs: 200,
    onError() {},
  });
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid as number;
  process.kill(pid, 'SIGSTOP');
  t.after(async () => {
    process.kill(pid, 'SIGCONT');
    await pool.end();
  });
  await assert.rejects(new Database(pool).query('select 1'), { kind: 'database-slow' });
});

test('connections are counted by state', async (t) => {
  const { app, url } = await startApp(t, { env: { DATABASE_URL } });
  const used = async (): Promise<number> => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(/^postgres_pool_connections\{state="used"\} (\d+)$/m.exec(metrics)?.[1]);
  };
  // The rest of the service may use some too.
  const held = await Promise.all(Array.from({ length: 5 }, () => app.database.pool.connect()));
  assert.ok((await used()) >= 5);
  for (const client of held) client.release();
  await eventually('they are free again', async () => (await used()) < 5);
});

test('more replicas than the server has connections for are a warning at the start, with the figures', async (t) => {
  const few = await startApp(t, { env: { DATABASE_URL } });
  const warned = ({ logs }: typeof few) => logs.find(({ level, msg }) => level === 'warn' && /replicas/.test(`${msg}`));
  assert.equal(warned(few), undefined);
  const many = await startApp(t, { env: { DATABASE_URL, DATABASE_REPLICAS: '1000', DATABASE_POOL_MAX: '20' } });
  assert.match(`${warned(many)?.msg}`, /1000 replicas with up to \d+ connections each .* Postgres gives 29\d:/);
});

test('a SIGTERM while a start waits for the database ends it, as process 1 too', {
  skip: withoutNamespaces,
}, async (t) => {
  const nobody = `postgres://127.0.0.1:${await freePort()}/none`;
  const command = [process.execPath, ...programArgs('main')];
  const service = spawnProgram(t, asProcessOne(command), { DATABASE_URL: nobody, DATABASE_START_TIMEOUT_MS: '600000' });
  await eventually('it waits', () => service.lines.some((line) => line.includes('the database is not reachable yet')));
  signalProcessOne(service, 'SIGTERM');
  assert.equal(await service.exited, 0, service.lines.at(-1));
});

test('a statement is a span of the request that made it', async (t) => {
  const collector = await startCollector(t);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const tracing = await startTracing(process.env);
  const { url } = await startApp(t, { env: { DATABASE_URL }, extend: asking('select 1 as one') });
  await fetch(`${url}/ask`);
  await tracing.shutdown();

  const request = collector.spans.find(({ name }) => name === 'GET /ask');
  const statement = collector.spans.find(({ parentSpanId }) => parentSpanId === request?.spanId);
  assert.equal(statement?.name, 'SELECT');
  assert.equal(statement.kind, 3);
  assert.equal(statement.attributes['db.system.name'], 'postgresql');
  assert.equal(statement.attributes['db.query.text'], 'select 1 as one');
});
