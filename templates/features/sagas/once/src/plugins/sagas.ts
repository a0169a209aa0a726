import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { importFolder } from '../platform/import-folder.ts';
import type { Attention } from '../platform/sagas/engine.ts';
import { openEngine } from '../platform/sagas/open-engine.ts';
import { isSaga, type Saga } from '../platform/sagas/saga.ts';
import { newSagaStatus, type SagaStatus } from '../platform/sagas/status.ts';
import { root } from '../root.ts';

declare module 'fastify' {
  interface FastifyInstance {
    sagas: {
      /** Adds one that is not in src/sagas/, before the service is ready. */
      add<Input>(saga: Saga<Input>): void;
      /**
       * Starts a saga and says how far it is; the same id again is the same saga.
       * @param caller whose saga it is: nobody else may start one with its id, or ask for its status. Without one it is
       *   this service's own, which may see all
       * @throws Problem 422 where another one has this id; 503 where the database does not answer
       */
      start<Input>(saga: Saga<Input>, id: string, input: Input, caller?: string): Promise<SagaStatus>;
      /**
       * @returns undefined where there is no such saga, or where it belongs to another caller
       * @throws Problem 503 where the database does not answer
       */
      status<Input>(saga: Saga<Input>, id: string, caller?: string): Promise<SagaStatus | undefined>;
    };
  }
}

/** The sagas in src/sagas/, from when the service is ready until it closes. */
export default fp(
  async (app: FastifyInstance) => {
    const sagas = (await importFolder(join(root, 'sagas'))).filter(isSaga);
    const engine = openEngine(app, sagas);
    app.decorate('sagas', {
      add: (saga) => void sagas.push(saga as Saga),
      async start(saga, id, input, caller) {
        const isNew = await engine.start(saga, id, input, caller);
        return (!isNew && (await engine.status(saga, id, caller))) || newSagaStatus(saga, id, new Date());
      },
      status: (saga, id, caller) => engine.status(saga, id, caller),
    });
    app.health.add('sagas', async () => health(engine.attention()), { critical: false });
    app.addHook('onReady', async () => {
      if (!(await engine.launch())) app.log.warn('another app of this process runs the sagas');
    });
    app.addHook('onClose', () => engine.close());
  },
  { name: 'sagas', dependencies: ['clients', 'postgres', 'health', 'metrics'] },
);

const health = ({ stuck, stranded }: Attention) =>
  stuck.length + stranded.length === 0
    ? { status: 'healthy' as const }
    : { status: 'degraded' as const, stuck: stuck.slice(0, 10), stranded: stranded.slice(0, 10) };
