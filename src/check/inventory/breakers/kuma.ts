import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { at, fields, items, text, texts } from '../kubernetes/fields.ts';
import type { KubeService } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { type Breaker, type BreakerTechnology, breakerOf } from './breaker.ts';

const circuitBreakers = 'meshcircuitbreakers.kuma.io';
const limiting = ['meshtimeouts.kuma.io', 'meshretries.kuma.io'];
/** Policies here are the operator's and hold for the whole mesh; in any other namespace they are that of its people. */
const systemNamespaces = ['kuma-system', 'kong-mesh-system'];

/** Every mesh is given policies with its defaults: nobody chose them. */
const isDefault = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.['kuma.io/policy-role'] === 'system' && /^mesh-.*-all-/.test(metadata.name);

/** "orders_shop_svc_80": how a service was named before it had a resource of its own. */
const isLegacyName = (name: string, { metadata }: KubeService): boolean =>
  name === `${metadata.name}_${metadata.namespace}_svc` ||
  name.startsWith(`${metadata.name}_${metadata.namespace}_svc_`);

/** Whether a policy's own target takes the caller in: only there does `to` have an effect. */
function takesIn(policy: KubeObject, caller: Component): boolean {
  const target = at(policy, 'spec', 'targetRef');
  const kind = text(at(target, 'kind')) ?? 'Mesh';
  const proxies = texts(at(target, 'proxyTypes'));
  if (proxies.length > 0 && !proxies.includes('Sidecar')) return false;
  if (kind === 'Mesh') return true;
  const name = text(at(target, 'name'));
  if (kind === 'MeshService')
    return (
      name !== undefined &&
      caller.services.some((service) => isLegacyName(name, service) || service.metadata.name === name)
    );
  if (kind !== 'MeshSubset' && kind !== 'Dataplane') return false;
  // One that is named stands for a single pod.
  if (name !== undefined) return false;
  const wanted = Object.entries({ ...fields(at(target, 'tags')), ...fields(at(target, 'labels')) });
  return wanted.every(([key, value]) => {
    if (key === 'kuma.io/service') return caller.services.some((service) => isLegacyName(String(value), service));
    if (key === 'k8s.kuma.io/namespace') return caller.namespace === value;
    return caller.workloads.every(({ podLabels }) => podLabels[key] === value);
  });
}

/** Whether one of its `to` entries leads to the called service. */
function reaches(policy: KubeObject, entry: unknown, { from, service }: Edge): boolean {
  const target = at(entry, 'targetRef');
  const kind = text(at(target, 'kind')) ?? 'Mesh';
  const home = policy.metadata.namespace ?? '';
  const ours = systemNamespaces.includes(home);
  // In a namespace of its own a policy is for the callers there, unless it is about a service of that namespace.
  if (kind === 'Mesh') return ours || home === from.namespace;
  if (kind !== 'MeshService' || !service) return false;
  if (!ours && home !== from.namespace && home !== service.metadata.namespace) return false;
  const name = text(at(target, 'name'));
  const labels = fields(at(target, 'labels'));
  if (name !== undefined) {
    const namespace = text(at(target, 'namespace')) ?? (ours ? undefined : home);
    return (
      isLegacyName(name, service) ||
      (name === service.metadata.name && namespace !== undefined && namespace === service.metadata.namespace)
    );
  }
  return (
    labels['kuma.io/display-name'] === service.metadata.name &&
    (labels['k8s.kuma.io/namespace'] ?? (ours ? undefined : home)) === service.metadata.namespace
  );
}

interface Entry {
  part: string;
  policy: KubeObject;
  entry: unknown;
  path: string;
}

/** Every `to` entry by the name of the service that it is about; '' stands for all. */
const entriesOf = perRun((facts): ReadonlyMap<string, readonly Entry[]> => {
  const found = new Map<string, Entry[]>();
  // `from` and `rules` are about what comes in, at the called side.
  for (const part of [circuitBreakers, ...limiting])
    for (const policy of facts.list(part).filter((each) => !isDefault(each)))
      items(at(policy, 'spec', 'to')).forEach((entry, index) => {
        const target = at(entry, 'targetRef');
        const name = text(at(target, 'name')) ?? text(fields(at(target, 'labels'))['kuma.io/display-name']) ?? '';
        // A name of old carries namespace and port: "orders_shop_svc_80".
        const key = name.split('_', 1)[0] ?? '';
        const own = { part, policy, entry, path: `spec.to[${index}].default` };
        append(found, key, own);
      });
  return found;
});

export const kuma: BreakerTechnology = {
  name: 'Kuma',
  mesh: 'kuma',
  parts: [circuitBreakers, ...limiting],
  guards: (edge, facts) => {
    const index = entriesOf(facts);
    const entries = [...(index.get('') ?? []), ...(index.get(edge.service?.metadata.name ?? '-') ?? [])].filter(
      ({ policy, entry }) => reaches(policy, entry, edge) && takesIn(policy, edge.from),
    );
    const isOff = (entry: unknown): boolean => at(entry, 'default', 'outlierDetection', 'disabled') === true;
    const disabled = entries.some(({ entry }) => isOff(entry));
    return entries.map(({ part, policy, entry, path }): Breaker => {
      const detectors = Object.keys(fields(at(entry, 'default', 'outlierDetection', 'detectors')));
      const trips = part === circuitBreakers && detectors.length > 0;
      return breakerOf(`Kuma ${policy.kind}`, trips ? 'trips' : 'limits', policy, path, {
        inert: trips && isOff(entry) ? 'it is disabled' : undefined,
        partly: trips && disabled ? 'another entry for the same calls disables it' : undefined,
      });
    });
  },
};
