import type { FastifyInstance } from 'fastify';

// Probes leave no span and no log line, or they would drown those of real requests.
const probe = { config: { quiet: true, public: true } } as const;

/** What Kubernetes asks; see deploy/base/deployment.yaml. */
export default async function healthRoutes(app: FastifyInstance) {
  app.get('/health', probe, async (_request, reply) => {
    const report = await app.health.report();
    return reply.code(report.status === 'unhealthy' ? 503 : 200).send(report);
  });

  // Says only that the process can answer: a restart would not mend a dependency.
  app.get('/health/live', probe, async () => ({ status: 'healthy' }));

  app.get('/health/ready', probe, async (_request, reply) => {
    const { phase } = app.lifecycle;
    if (phase !== 'ready') return reply.code(503).send({ status: phase });
    const { status } = await app.health.report();
    return reply.code(status === 'unhealthy' ? 503 : 200).send({ status });
  });
}
