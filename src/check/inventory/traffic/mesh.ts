import { BlockList, isIPv4 } from 'node:net';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { portOf } from '../graph/edges.ts';
import { condition } from '../kubernetes/fields.ts';
import { type MeshKind, sidecarKind } from '../technologies/sidecars.ts';

/**
 * Whether a mesh's proxy stands beside the pods that run. Only live pods prove it: an annotation, a namespace label or a
 * template says what was asked for. Undefined where no pod was seen.
 */
export function hasSidecar(component: Component, mesh: MeshKind): boolean | undefined {
  const pods = component.workloads.flatMap((workload) => workload.pods);
  if (pods.length === 0) return undefined;
  return pods.every(({ spec }) =>
    [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')].some(
      ({ name }) => sidecarKind(name) === mesh,
    ),
  );
}

/** Annotations of a pod that let calls to some ports go past its proxy. */
const bypasses: Readonly<Partial<Record<MeshKind, string>>> = {
  istio: 'traffic.sidecar.istio.io/excludeOutboundPorts',
  linkerd: 'config.linkerd.io/skip-outbound-ports',
  kuma: 'traffic.kuma.io/exclude-outbound-ports',
  consul: 'consul.hashicorp.com/transparent-proxy-exclude-outbound-ports',
};

/** "80,443,8000-8100": whether a port is among them. */
const names = (list: string, port: number): boolean =>
  list.split(',').some((entry) => {
    const [from, to = from] = entry.trim().split('-', 2).map(Number);
    return from !== undefined && to !== undefined && from <= port && port <= to;
  });

/** True where calls along an edge pass the mesh's proxy, else why not; undefined where nobody can tell. */
export function throughProxy(edge: Edge, mesh: MeshKind, facts: Facts): true | string | undefined {
  const beside = hasSidecar(edge.from, mesh);
  if (beside === undefined) return undefined;
  if (!beside) {
    const missing = `the caller ${edge.from.name} has no {mesh} proxy, and breaking happens in the caller’s`;
    return mesh === 'istio' ? ambient(edge, facts, missing) : missing;
  }
  const key = bypasses[mesh];
  const port = portOf(edge);
  const excluded =
    key !== undefined &&
    port !== undefined &&
    edge.from.workloads.some(({ podAnnotations }) => names(podAnnotations[key] ?? '', port));
  if (excluded) return `the caller’s annotation ${key} lets port ${port} go past its proxy`;
  const past = mesh === 'istio' ? pastRanges(edge) : undefined;
  return past ? `the caller’s annotation ${past} lets calls to its address go past its proxy` : true;
}

const ranges = 'traffic.sidecar.istio.io/excludeOutboundIPRanges';
const captured = 'traffic.sidecar.istio.io/includeOutboundIPRanges';

/** Which annotation of Istio’s leaves the address of the called Service out of what the proxy takes. */
function pastRanges({ from, service }: Edge): string | undefined {
  const given = service?.spec.clusterIP ?? '';
  const address = isIPv4(given) ? given : undefined;
  const holds = (list: string): boolean =>
    list
      .split(',')
      .map((range) => range.trim())
      .some((range) => range === '0.0.0.0/0' || (address !== undefined && isWithin(address, range)));
  for (const { podAnnotations } of from.workloads) {
    if (holds(podAnnotations[ranges] ?? '')) return ranges;
    const only = podAnnotations[captured];
    if (only === undefined || only.trim() === '*') continue;
    if (only.trim() === '' || (address !== undefined && !holds(only))) return captured;
  }
  return undefined;
}

/** "10.0.0.0/8", "10.1.2.3" */
function isWithin(address: string, range: string): boolean {
  const [base = '', bits = '32'] = range.split('/', 2);
  if (!isIPv4(base) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return false;
  const subnet = new BlockList();
  subnet.addSubnet(base, Number(bits), 'ipv4');
  return subnet.check(address);
}

const labelsOf = (namespace: string, facts: Facts): Readonly<Record<string, string>> =>
  facts.list('namespaces').find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {};

/** Ambient mode has no proxy in the pod: the waypoint of the called service does the work of layer 7. */
function ambient(edge: Edge, facts: Facts, missing: string): true | string | undefined {
  const unknown = facts.ledger.complete('namespaces') ? missing : undefined;
  const mode = 'istio.io/dataplane-mode';
  const home = labelsOf(edge.from.namespace, facts);
  const inside = edge.from.workloads.every(({ podLabels }) => (podLabels[mode] ?? home[mode]) === 'ambient');
  if (!inside) return unknown;
  const { service } = edge;
  if (!service) return unknown;
  const namespace = service.metadata.namespace ?? '';
  const own = service.metadata.labels ?? {};
  const inherited = labelsOf(namespace, facts);
  const labels = own['istio.io/use-waypoint'] ? own : inherited;
  const waypoint = labels['istio.io/use-waypoint'];
  if (!waypoint || waypoint === 'none')
    return facts.ledger.complete('namespaces')
      ? `the caller is in ambient mode, and ${service.metadata.name} has no waypoint, which would do it`
      : undefined;
  const gateways = 'gateways.gateway.networking.k8s.io';
  const at = labels['istio.io/use-waypoint-namespace'] ?? namespace;
  const gateway = facts.list(gateways).find(({ metadata }) => metadata.name === waypoint && metadata.namespace === at);
  if (gateway && condition(gateway['status'], 'Programmed') === true) return true;
  if (!gateway && !facts.ledger.complete(gateways, at)) return undefined;
  return `the waypoint ${waypoint} of ${service.metadata.name} ${gateway ? 'is not programmed' : 'does not exist'}`;
}
