import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { service } from '../identity.ts';
import { createPool } from '../platform/postgres/pool.ts';
import { within } from '../platform/sagas/attempt.ts';
import { CleanUp } from '../platform/sagas/clean-up.ts';
import { SagaEngine } from '../platform/sagas/engine.ts';
import { Lease } from '../platform/sagas/lease.ts';
import { SagaMetrics } from '../platform/sagas/metrics.ts';
import type { Saga } from '../platform/sagas/saga.ts';
import { describeSaga, newSagaStatus, type SagaStatus, sagaStatus } from '../platform/sagas/status.ts';
import { Takeover } from '../platform/sagas/takeover.ts';
import { root } from '../root.ts';
import postgresSettings from '../settings/postgres.ts';
import sagaSettings from '../settings/sagas.ts';

declare module 'fastify' {
  interface FastifyInstance {
    sagas: {
      /** Adds one that is not in src/sagas/, before the service is ready. */
      add<Input>(saga: Saga<Input>): void;
      /** Starts a saga and says how far it is; the same id again is the same saga. */
      start<Input>(saga: Saga<Input>, id: string, input: Input): Promise<SagaStatus>;
      /** @returns undefined where there is no such saga. */
      status<Input>(saga: Saga<Input>, id: string): Promise<SagaStatus | undefined>;
    };
  }
}

export default fp(
  async (app: FastifyInstance) => {
    const settings = sagaSettings(app.env);
    const { databaseUrl, waitMs, startTimeoutMs } = postgresSettings(app.env);
    const sagas = await findSagas();
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
    const engine = new SagaEngine({ app, lease, metrics, ...settings }, sagas);
    const shared = { pool: leasePool, workflows: DBOS, lease, metrics, log: app.log, sagas };
    const limit = settings.takeoverLimit;
    const takeover = new Takeover({ ...shared, version, leaseMs, limit, isRunning: engine.isRunning });
    const cleanUp = new CleanUp({ ...shared, keepMs: settings.keepDays * 86_400_000 });

    app.decorate('sagas', {
      add: (saga) => void sagas.push(saga as Saga),
      async start(saga, id, input) {
        const isNew = await engine.start(saga, id, input);
        return (!isNew && (await sagaStatus(DBOS, saga, id))) || newSagaStatus(saga, id, new Date());
      },
      status: (saga, id) => sagaStatus(DBOS, saga, id),
    });
    app.health.add('sagas', async () => attention(takeover), { critical: false });

    let kept: Promise<void> | undefined;
    app.addHook('onReady', async () => {
      const isOurs = await engine.launch({ pool, databaseUrl, version, startTimeoutMs });
      if (!isOurs) return app.log.warn('another app of this process runs the sagas');
      kept = lease.keep(async () => {
        if (sagas.length === 0) return;
        await takeover.sweep();
        await cleanUp.sweep();
      });
    });
    app.addHook('onClose', async () => {
      // Where the database is away none of these would come to an end, and the lease runs out by itself.
      const leave = async () => {
        await engine.shutdown(drainMs);
        await lease.release();
        await kept;
        await Promise.all([pool.end(), leasePool.end()]);
      };
      await within(drainMs + 5_000, leave).catch((error) => app.log.warn({ err: error }, 'sagas left in a hurry'));
    });
  },
  { name: 'sagas', dependencies: ['clients', 'postgres', 'health', 'metrics'] },
);

/** Every `src/sagas/<name>/saga.ts`, by its default export. */
async function findSagas(): Promise<Saga[]> {
  const folder = join(root, 'sagas');
  const entries = await readdir(folder, { withFileTypes: true });
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const modules = entries
    .filter((entry) => entry.isDirectory())
    .map(
      ({ name }) => import(pathToFileURL(join(folder, name, `saga.${extension}`)).href) as Promise<{ default: Saga }>,
    );
  return (await Promise.all(modules)).map((module) => module.default);
}

function attention({ attention }: Takeover): {
  status: 'healthy' | 'degraded';
  stuck?: unknown[];
  stranded?: unknown[];
} {
  const { stuck, stranded } = attention;
  if (stuck.length + stranded.length === 0) return { status: 'healthy' };
  return {
    status: 'degraded',
    stuck: stuck.slice(0, 10).map(describeSaga),
    stranded: stranded.slice(0, 10).map(describeSaga),
  };
}
