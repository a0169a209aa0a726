import type { FastifyInstance } from 'fastify';

// Probes leave no span and no log line, or they would drown those of real requests.
const quiet = { config: { quiet: true } };

/** What Kubernetes asks; see deploy/base/deployment.yaml. */
export default async function healthRoutes(app: FastifyInstance) {
  app.get('/health', quiet, async (_request, reply) => {
    const report = await app.health.report();
    return reply.code(report.status === 'unhealthy' ? 503 : 200).send(report);
  });

  // Says only that the process can answer: a restart would not mend a dependency.
  app.get('/health/live', quiet, async () => ({ status: 'healthy' }));

  app.get('/health/ready', quiet, async (_request, reply) => {
    const { phase } = app.lifecycle;
    if (phase !== 'ready') return reply.code(503).send({ status: phase });
    const { status } = await app.health.report();
    return reply.code(status === 'unhealthy' ? 503 : 200).send({ status });
  });
}
