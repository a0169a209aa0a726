import type { Json } from '../../cluster/api.ts';

/** A pod (or what stands for one) as network policies see it. */
export interface Endpoint {
  namespace: Json;
  labels: Record<string, string>;
  /** Named ports of the pod. */
  ports?: Record<string, number>;
}

/**
 * Whether NetworkPolicies let one endpoint open a connection to another, by the rules of networking.k8s.io/v1: a pod that
 * no policy selects for a direction is open in it; otherwise some rule must match.
 */
export function mayConnect(
  policies: readonly Json[],
  from: Endpoint,
  to: Endpoint,
  port: number,
  protocol = 'TCP',
): boolean {
  const allows = (subject: Endpoint, peer: Endpoint, direction: 'Ingress' | 'Egress'): boolean => {
    const selecting = policies.filter(
      ({ metadata, spec }) =>
        metadata.namespace === subject.namespace.metadata.name &&
        matches(spec.podSelector, subject.labels) &&
        spec.policyTypes.includes(direction),
    );
    if (selecting.length === 0) return true;
    const [rulesKey, peersKey] = direction === 'Ingress' ? ['ingress', 'from'] : ['egress', 'to'];
    return selecting.some(({ metadata, spec }) =>
      (spec[rulesKey] ?? []).some(
        (rule: Json) =>
          (!rule.ports || rule.ports.some((one: Json) => isPort(one, to, port, protocol))) &&
          (!rule[peersKey] || rule[peersKey].some((one: Json) => isPeer(one, metadata.namespace, peer))),
      ),
    );
  };
  return allows(from, to, 'Egress') && allows(to, from, 'Ingress');
}

const isPort = (rule: Json, to: Endpoint, port: number, protocol: string): boolean =>
  (rule.protocol ?? 'TCP') === protocol &&
  (typeof rule.port === 'string' ? to.ports?.[rule.port] === port : rule.port === undefined || rule.port === port);

function isPeer({ podSelector, namespaceSelector }: Json, own: string, peer: Endpoint): boolean {
  const { name, labels } = peer.namespace.metadata;
  const inNamespace = namespaceSelector ? matches(namespaceSelector, labels ?? {}) : name === own;
  return inNamespace && (!podSelector || matches(podSelector, peer.labels));
}

const matches = ({ matchLabels = {} }: Json, labels: Record<string, string>): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
