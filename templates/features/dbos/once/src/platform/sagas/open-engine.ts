import { DBOS } from '@dbos-inc/dbos-sdk';
import type { FastifyInstance } from 'fastify';
import { service } from '../../identity.ts';
import postgresSettings from '../../settings/postgres.ts';
import sagaSettings from '../../settings/sagas.ts';
import { CleanUp } from '../dbos/clean-up.ts';
import { DbosEngine } from '../dbos/engine.ts';
import { Lease } from '../dbos/lease.ts';
import { promptly } from '../dbos/promptly.ts';
import { describeSaga, sagaStatus } from '../dbos/status.ts';
import { Takeover } from '../dbos/takeover.ts';
import { createPool } from '../postgres/pool.ts';
import { within } from '../within.ts';
import type { SagaEngine } from './engine.ts';
import { SagaMetrics } from './metrics.ts';
import type { Saga } from './saga.ts';

/**
 * The engine of this service, as its settings say.
 * @param sagas those that it can run; more may be added to the list until it is launched
 */
export function openEngine(app: FastifyInstance, sagas: readonly Saga[]): SagaEngine {
  const settings = sagaSettings(app.env);
  const { databaseUrl, waitMs, statementTimeoutMs, startTimeoutMs } = postgresSettings(app.env);
  const { leaseMs, drainMs, version } = settings;
  // Pools of their own: neither requests, nor the engine, nor the sign of life can starve one another. The engine may
  // wait long for a connection; where it does not get one it waits longer still.
  const onError = (error: Error): void => app.log.warn({ err: error }, 'a database connection of the sagas broke');
  const engineLimits = { name: `${service.name} sagas`, max: settings.poolMax, waitMs: 30_000 };
  const leaseLimits = { name: `${service.name} saga lease`, max: 1, waitMs, statementTimeoutMs: leaseMs };
  const pool = createPool({ url: databaseUrl, onError, ...engineLimits });
  const leasePool = createPool({ url: databaseUrl, onError, ...leaseLimits });
  const lease = new Lease(leasePool, { version, leaseMs, log: app.log });
  const metrics = new SagaMetrics(app.metrics);
  const engine = new DbosEngine({ app, lease, metrics, ...settings }, sagas);
  const shared = { pool: leasePool, workflows: DBOS, lease, metrics, log: app.log, sagas };
  const limit = settings.takeoverLimit;
  const takeover = new Takeover({ ...shared, version, leaseMs, limit, isRunning: engine.isRunning });
  const cleanUp = new CleanUp({ ...shared, keepMs: settings.keepDays * 86_400_000 });
  const prompt = <T>(work: () => Promise<T>) => promptly(app.database, statementTimeoutMs, work);
  let kept: Promise<void> | undefined;

  return {
    async launch() {
      if (!(await engine.launch({ pool, databaseUrl, version, startTimeoutMs }))) return false;
      kept = lease.keep(async () => {
        if (sagas.length === 0) return;
        await takeover.sweep();
        await cleanUp.sweep();
      });
      return true;
    },
    start: (saga, id, input, caller) => prompt(() => engine.start(saga, id, input, caller)),
    status: (saga, id, caller) => prompt(() => sagaStatus(DBOS, saga, id, caller)),
    attention: () => ({
      stuck: takeover.attention.stuck.map(describeSaga),
      stranded: takeover.attention.stranded.map(describeSaga),
    }),
    async close() {
      // Where the database is away none of these would come to an end, and the lease runs out by itself.
      const leave = async () => {
        await engine.shutdown(drainMs);
        await lease.release();
        await kept;
        await Promise.all([pool.end(), leasePool.end()]);
      };
      await within(drainMs + 5_000, leave).catch((error) => app.log.warn({ err: error }, 'sagas left in a hurry'));
    },
  };
}
