import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { Lease } from '../src/platform/dbos/lease.ts';
import { Takeover } from '../src/platform/dbos/takeover.ts';
import type { Workflows } from '../src/platform/dbos/workflows.ts';
import { SagaMetrics } from '../src/platform/sagas/metrics.ts';
import { saga } from '../src/platform/sagas/saga.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';
import { door } from './support/step-service.ts';

/** The engine's row of a saga again, so many times, with other values: as other processes would have left them. */
const copy = (app: FastifyInstance, id: string, times: number, values: object) =>
  app.database.query(
    `insert into dbos.workflow_status select (jsonb_populate_record(one, $3 || jsonb_build_object('workflow_uuid', $1 || '-' || n))).*
     from dbos.workflow_status one, generate_series(1, $2) n where workflow_uuid = $1`,
    [id, times, JSON.stringify(values)],
  );

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

const counted = async ({ database }: FastifyInstance): Promise<number[]> =>
  (await database.query<{ takeovers: number }>('select takeovers from saga_takeovers')).rows.map(
    (row) => row.takeovers,
  );

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
    assert.deepEqual(await counted(app), rollouts === 1 ? [] : [0]);
    await app.close();
    ({ app } = await start());
  }
  await eventually('it runs again', () => at.calls === 7);
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
  const copies = { application_version: 'gone', created_at: Date.now() - 60_000 };
  await copy(before.app, 'held:orphan', 600, copies);
  await before.app.close();

  const { app } = await start();
  await eventually('it is taken over', () => at.calls === 2);
  at.open();
  await eventually('it ends well', async () => (await app.sagas.status(held, 'orphan'))?.state === 'completed');
  // Nobody here can run those.
  assert.equal((await counted(app)).length, 1);
  await eventually('the others are told of', async () => {
    const { stranded } = (await app.health.report()).checks.sagas as { stranded?: unknown[] };
    return stranded?.length === 10;
  });
});

/** A saga at work, whose service does not look again while the test runs, and a copy of it that `executor` has. */
async function withCopyOf(t: TestContext, executor: string) {
  const { held, at } = waiting();
  const env = { DATABASE_URL: await testDatabase(), SAGA_DRAIN_MS: '0', SAGA_LEASE_MS: '600000' };
  const { app } = await startApp(t, { env, extend: async (extended) => extended.sagas.add(held) });
  t.after(at.open);
  await app.sagas.start(held, 'saga', {});
  await eventually('it runs', () => at.calls === 1);
  await app.database.query(`insert into saga_leases values ('dead', '1', now() - interval '1 minute')`);
  await copy(app, 'held:saga', 1, { executor_id: executor });

  const resumed: string[] = [];
  // As far as the resume, which does not come: the process dies before it.
  const resumeWorkflow = async (id: string) => void resumed.push(id);
  const takeover = (leaseMs: number, changed: Partial<Workflows> = {}) =>
    new Takeover({
      pool: app.database.pool,
      workflows: Object.assign(Object.create(DBOS), { resumeWorkflow, ...changed }),
      lease: { executor: 'another' } as Lease,
      metrics: new SagaMetrics(new Registry()),
      log: app.log,
      sagas: [held],
      version: '1',
      leaseMs,
      limit: 5,
      isRunning: () => false,
    });
  return { resumed, takeover };
}

test('of all processes that see an orphan one takes it over; a claim that came to nothing is free after a lease', async (t) => {
  const { resumed, takeover } = await withCopyOf(t, 'dead');
  await takeover(600_000).sweep();
  await Promise.all([1, 2, 3].map(() => takeover(600_000).sweep()));
  assert.deepEqual(resumed, ['held:saga-1']);
  await eventually('the claim is old', async () => {
    await takeover(1).sweep();
    return resumed.length === 2;
  });
});

test('an orphan that has ended before its claim stays as it is', async (t) => {
  const { resumed, takeover } = await withCopyOf(t, 'dead');
  let asked = 0;
  const listWorkflows: Workflows['listWorkflows'] = async (find) => {
    const found = await DBOS.listWorkflows(find);
    if (!find?.workflowIDs) return found;
    asked += 1;
    return found.map((one) => ({ ...one, status: 'SUCCESS' }));
  };
  await takeover(600_000, { listWorkflows }).sweep();
  assert.deepEqual([asked, resumed], [1, []]);
});

test('a saga that a process has claimed and does not run is begun again, once that was seen twice', async (t) => {
  const { resumed, takeover } = await withCopyOf(t, 'another');
  const another = takeover(600_000);
  await another.sweep();
  assert.deepEqual(resumed, []);
  await another.sweep();
  assert.deepEqual(resumed, ['held:saga-1']);
});

test('a lease that is renewed is valid again, and one that was released is not', async (t) => {
  const { app } = await startApp(t, { env: { DATABASE_URL: await testDatabase() } });
  const lease = new Lease(app.database.pool, { version: '1', leaseMs: 600_000, log: app.log });
  const isValid = async () => {
    const { rows } = await app.database.query<{ valid: boolean }>(
      'select expires_at > now() as valid from saga_leases where executor = $1',
      [lease.executor],
    );
    return rows[0]?.valid;
  };
  await lease.renew();
  assert.equal(await isValid(), true);
  await app.database.query('update saga_leases set expires_at = now() where executor = $1', [lease.executor]);
  assert.equal(await isValid(), false);
  await lease.renew();
  assert.equal(await isValid(), true);
  await lease.release();
  assert.equal(await isValid(), false);
});
