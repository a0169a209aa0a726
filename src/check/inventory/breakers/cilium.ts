import type { Facts } from '../facts.ts';
import { at, fields, items, text } from '../kubernetes/fields.ts';
import { imageReference } from '../kubernetes/images.ts';
import { readyPods } from '../kubernetes/workloads.ts';
import { type Breaker, type BreakerTechnology, breakerOf } from './breaker.ts';

const parts = ['ciliumclusterwideenvoyconfigs.cilium.io', 'ciliumenvoyconfigs.cilium.io'];

/** Whether a field of that name stands anywhere inside; bounded, for free-form Envoy configuration. */
function mentions(value: unknown, names: readonly string[], depth = 0): boolean {
  if (depth > 20) return false;
  if (Array.isArray(value)) return value.some((item) => mentions(item, names, depth + 1));
  return Object.entries(fields(value)).some(([key, inner]) => names.includes(key) || mentions(inner, names, depth + 1));
}

/** Cilium's own agent carries the configuration out; undefined where pods elsewhere were not read. */
const agentRuns = (facts: Facts): boolean | undefined =>
  facts.components.some((component) =>
    component.workloads.some(
      (workload) =>
        workload.kind === 'DaemonSet' &&
        readyPods(workload).length > 0 &&
        workload.spec.containers.some(({ image }) => /(^|\/)cilium$/.test(imageReference(image ?? '').repository)),
    ),
  ) || (facts.ledger.complete('pods') ? false : undefined);

export const cilium: BreakerTechnology = {
  name: 'Cilium',
  parts,
  guards: ({ service }, facts) =>
    parts.flatMap((part) =>
      facts.list(part).flatMap((config): Breaker[] => {
        const services = [...items(at(config, 'spec', 'services')), ...items(at(config, 'spec', 'backendServices'))];
        const own = services.some(
          (each) =>
            at(each, 'name') === service?.metadata.name &&
            (text(at(each, 'namespace')) ?? config.metadata.namespace) === service?.metadata.namespace,
        );
        if (!own) return [];
        const resources = at(config, 'spec', 'resources');
        const trips = mentions(resources, ['outlier_detection', 'outlierDetection']);
        if (!trips && !mentions(resources, ['circuit_breakers', 'circuitBreakers'])) return [];
        const running = agentRuns(facts);
        return [
          breakerOf('Cilium Envoy configuration', trips ? 'trips' : 'limits', config, 'spec.resources', {
            inert: running === false ? 'no agent of Cilium is up to carry it out' : undefined,
            unclear: running === undefined,
          }),
        ];
      }),
    ),
};
