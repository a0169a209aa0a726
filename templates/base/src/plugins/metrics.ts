import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

declare module 'fastify' {
  interface FastifyInstance {
    /** Where features register theirs: `new Gauge({ …, registers: [app.metrics] })`. */
    metrics: Registry;
  }
}

/** Prometheus metrics: the process, and every request by route (never by URL, which has no bound). */
export default fp(
  async (app: FastifyInstance) => {
    const metrics = new Registry();
    app.decorate('metrics', metrics);
    collectDefaultMetrics({ register: metrics });

    const duration = new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its response',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [metrics],
    });

    app.onRequestEnd(({ method, route = 'none', status, elapsed }) => {
      const labels = { http_request_method: method, http_route: route, http_response_status_code: status };
      duration.observe(labels, elapsed / 1000);
    });
  },
  { name: 'metrics' },
);
