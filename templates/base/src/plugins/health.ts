import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Health } from '../platform/health.ts';

declare module 'fastify' {
  interface FastifyInstance {
    health: Health;
    /** `starting` until it listens, `draining` from the first signal on: only in between it is ready. */
    lifecycle: {
      phase: 'starting' | 'ready' | 'draining';
      /** What is done first of all when it drains: whoever sends it requests is told to stop. */
      leaving: (() => Promise<void>)[];
    };
  }
}

/** What this service depends on, and whether it may get requests now. The routes in src/routes/health.ts tell it to Kubernetes. */
export default fp(
  async (app: FastifyInstance) => {
    const lifecycle: FastifyInstance['lifecycle'] = { phase: 'starting', leaving: [] };
    app.decorate('health', new Health());
    app.decorate('lifecycle', lifecycle);
    app.addHook('onListen', async () => {
      // A signal may have come before.
      if (lifecycle.phase === 'starting') lifecycle.phase = 'ready';
    });
  },
  { name: 'health' },
);
