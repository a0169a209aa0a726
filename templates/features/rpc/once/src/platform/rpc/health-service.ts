import { setTimeout as delay } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import { defineRpc, type RpcDefinition } from './define-rpc.ts';
import {
  Health,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from './standard/grpc/health/v1/health_pb.ts';

/** Milliseconds between two looks for somebody who watches. */
const lookEveryMs = 1_000;

const probe = { quiet: true, public: true } as const;

/**
 * The standard health service, which says what /health/ready says, for the server ("") and for each of its services.
 *
 * @param services names of those that this server has
 */
export const healthService = (services: readonly string[]): RpcDefinition =>
  defineRpc(Health, {
    methods: { check: probe, watch: probe },
    handlers: (app) => ({
      async check({ service }) {
        const status = await servingStatus(app, service, services);
        if (status === Serving.SERVICE_UNKNOWN) throw new Problem(404, 'service-unknown', 'There is no such service');
        return create(HealthCheckResponseSchema, { status });
      },

      async *watch({ service }, { signal, leaving }) {
        const enough = AbortSignal.any([signal, leaving]);
        let told: Serving | undefined;
        while (!signal.aborted) {
          const isLast = leaving.aborted;
          const status = await servingStatus(app, service, services);
          if (status !== told) yield create(HealthCheckResponseSchema, { status });
          told = status;
          if (isLast) return;
          await delay(lookEveryMs, undefined, { signal: enough }).catch(() => undefined);
        }
      },
    }),
  });

async function servingStatus(
  { health, lifecycle }: FastifyInstance,
  service: string,
  known: readonly string[],
): Promise<Serving> {
  if (service !== '' && !known.includes(service)) return Serving.SERVICE_UNKNOWN;
  if (lifecycle.phase !== 'ready') return Serving.NOT_SERVING;
  const { status } = await health.report();
  return status === 'unhealthy' ? Serving.NOT_SERVING : Serving.SERVING;
}
