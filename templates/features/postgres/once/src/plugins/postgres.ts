import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type pg from 'pg';
import { Gauge } from 'prom-client';
import { service } from '../identity.ts';
import { connectionShortage } from '../platform/postgres/connections.ts';
import { Database } from '../platform/postgres/database.ts';
import { migrate } from '../platform/postgres/migrate.ts';
import { createPool, isPooled } from '../platform/postgres/pool.ts';
import { untilMigrated } from '../platform/postgres/until-migrated.ts';
import { untilReachable } from '../platform/postgres/until-reachable.ts';
import { checkWritable } from '../platform/postgres/writable.ts';
import { root } from '../root.ts';
import postgresSettings from '../settings/postgres.ts';

declare module 'fastify' {
  interface FastifyInstance {
    database: Database;
  }
}

export default fp(
  async (app: FastifyInstance) => {
    const settings = postgresSettings(app.env);
    const onError = (error: Error): void => app.log.warn({ err: error }, 'a database connection broke');
    const shared = { url: settings.databaseUrl, onError };
    const pool = createPool({ ...shared, ...settings, name: service.name, max: settings.poolMax });
    // A connection of its own: a busy pool must not make the service look as if the database were gone.
    const probe = createPool({
      ...shared,
      name: `${service.name} health`,
      max: 1,
      waitMs: 1_000,
      statementTimeoutMs: 1_000,
    });
    app.addHook('onClose', async () => {
      await Promise.all([pool.end(), probe.end()]);
    });

    const migrations = {
      ...settings,
      url: settings.databaseUrl,
      name: `${service.name} migrations`,
      folder: join(root, 'migrations'),
      log: app.log,
    };
    const reaching = { timeoutMs: settings.startTimeoutMs, log: app.log };
    if (settings.migrate === 'start') await untilReachable(() => migrate(migrations), reaching);
    else await untilReachable(() => untilMigrated(migrations, settings.startTimeoutMs), reaching);

    app.decorate('database', new Database(pool));
    app.health.add('postgres', async () => {
      await checkWritable(probe);
    });
    registerMetrics(app, pool);
    // Last of all: by now every plugin has made its pools.
    app.addHook('onReady', async () => {
      const complaint = isPooled(settings.databaseUrl) ? undefined : await connectionShortage(pool, settings.replicas);
      if (complaint) app.log.warn(complaint);
    });
  },
  { name: 'postgres', dependencies: ['health', 'metrics'] },
);

function registerMetrics(app: FastifyInstance, pool: pg.Pool): void {
  new Gauge({
    name: 'postgres_pool_connections',
    help: 'Connections of this process, and requests that wait for one',
    labelNames: ['state'],
    registers: [app.metrics],
    collect() {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}
