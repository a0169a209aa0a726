import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Gauge } from 'prom-client';
import { EventStore } from '../platform/event-store/execute.ts';
import { isProjection, nameOf, type Projection } from '../platform/event-store/projection.ts';
import { Projector } from '../platform/event-store/projector.ts';
import { importFolder } from '../platform/import-folder.ts';
import { root } from '../root.ts';
import eventStoreSettings from '../settings/event-store.ts';

declare module 'fastify' {
  interface FastifyInstance {
    eventStore: EventStore;
  }
}

/** The event store, and the projections in src/projections/ for as long as the service runs. */
export default fp(
  async (app: FastifyInstance) => {
    const projections = (await importFolder<Projection>(join(root, 'projections'))).filter(isProjection);
    app.decorate('eventStore', new EventStore(app.database, projections));

    const { pollMs, batchSize } = eventStoreSettings(app.env);
    const projectors = projections
      .filter(({ mode }) => mode === 'catch-up')
      .map((projection) => new Projector(projection, { database: app.database, log: app.log, pollMs, batchSize }));
    if (projectors.length === 0) return;
    app.addHook('onReady', async () => {
      for (const projector of projectors) projector.start();
    });
    app.addHook('preClose', async () => {
      await Promise.all(projectors.map((projector) => projector.stop()));
    });
    app.health.add(
      'projections',
      async () => {
        const failed = projectors.filter(({ error }) => error);
        if (failed.length > 0) {
          throw new Error(failed.map(({ projection, error }) => `${projection.name}: ${error?.message}`).join('; '));
        }
      },
      { critical: false },
    );
    registerLag(app, projectors);
  },
  { name: 'event-store', dependencies: ['postgres', 'health', 'metrics'] },
);

function registerLag(app: FastifyInstance, projectors: readonly Projector[]): void {
  new Gauge({
    name: 'projection_lag_seconds',
    help: 'Age of the first event that a projection has not handled yet; 0 where it is up to date',
    labelNames: ['projection'],
    registers: [app.metrics],
    async collect() {
      this.reset();
      for (const { projection } of projectors) {
        const { rows } = await app.database
          .query<{ seconds: number }>(
            `select coalesce(extract(epoch from now() - (
               select e.timestamp from domain_events e
               where e.position > p.position and e.aggregate = any($2)
               order by e.position limit 1)), 0)::float8 as seconds
             from projections p where p.name = $1`,
            [projection.name, projection.aggregates.map(nameOf)],
          )
          .catch(() => ({ rows: [] }));
        if (rows[0]) this.set({ projection: projection.name }, rows[0].seconds);
      }
    },
  });
}
