import type { FastifyInstance } from 'fastify';

/** What Prometheus scrapes; deploy/base/deployment.yaml says where. */
export default async function metricsRoute(app: FastifyInstance) {
  app.get('/metrics', { config: { quiet: true, public: true } }, async (_request, reply) =>
    reply.type(app.metrics.contentType).send(await app.metrics.metrics()),
  );
}
