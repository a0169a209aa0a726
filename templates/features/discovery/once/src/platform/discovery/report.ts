import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CheckResult } from '../health.ts';
import { redactText } from '../redact.ts';
import type { BalancerObserver, BalancerState } from './balancer.ts';

/** What is known of a service's instances; how many are left out, where that is known. */
type Known = Pick<BalancerState, 'isListed' | 'instances' | 'stale'> & { ejected?: number };

/** Degraded, and no more: with the list that was, the service may still be reached. */
export function healthOf(discovery: string, { stale, isListed, ...counts }: Known): Partial<CheckResult> {
  const details = { discovery, ...counts };
  if (stale)
    return { ...details, status: 'degraded', reason: `the list of its instances: ${redactText(stale.message)}` };
  return isListed && counts.instances === 0
    ? { ...details, status: 'degraded', reason: 'it has no instance' }
    : details;
}

/** Tells what becomes of a service's instances, in metrics and in the log: once for each change. */
export function observeBalancer(app: FastifyInstance, service: string): BalancerObserver {
  const labels = { peer_service: service };
  const metrics = metricsOf(app);
  metrics.stale.set(labels, 0);
  return {
    listed: (count) => metrics.instances.set(labels, count),
    ejected(instance, ms, err) {
      metrics.ejections.inc(labels);
      app.log.warn({ peer: service, instance, ms, err }, `${service}: an instance is left out`);
    },
    stale(err) {
      metrics.stale.set(labels, err ? 1 : 0);
      if (err) app.log.warn({ peer: service, err }, `${service}: the list of its instances cannot be read`);
      else app.log.info({ peer: service }, `${service}: the list of its instances can be read again`);
    },
  };
}

const opened = new WeakMap<Registry, ReturnType<typeof createMetrics>>();

/** Those of the app, made with its first client. */
function metricsOf({ metrics }: FastifyInstance) {
  const found = opened.get(metrics) ?? createMetrics(metrics);
  opened.set(metrics, found);
  return found;
}

function createMetrics(registry: Registry) {
  const options = { labelNames: ['peer_service'], registers: [registry] };
  return {
    instances: new Gauge({ ...options, name: 'discovery_instances', help: 'Instances in the list of a service' }),
    stale: new Gauge({
      ...options,
      name: 'discovery_stale',
      help: '1 while the list of instances cannot be read, and the one before is in use',
    }),
    ejections: new Counter({
      ...options,
      name: 'discovery_ejections_total',
      help: 'Instances that were left out for a while',
    }),
  };
}
