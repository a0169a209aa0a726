/**
 * Where the cluster's own machinery lives. It is read, because evidence lives there, and not judged unless it is named.
 */
const exact = new Set([
  'argo-rollouts', 'argocd', 'calico-system', 'cattle-system', 'cert-manager', 'consul', 'dapr-system', 'envoy-gateway-system',
  'external-secrets', 'fleet-system', 'flux-system', 'gatekeeper-system', 'gmp-system', 'ingress-nginx', 'istio-ingress',
  'istio-system', 'keda', 'knative-eventing', 'knative-operator', 'knative-serving', 'kong', 'kourier-system', 'kuma-system',
  'kyverno', 'local-path-storage', 'longhorn-system', 'metallb-system', 'monitoring', 'nack-system', 'observability', 'olm',
  'opentelemetry-operator-system', 'projectcontour', 'rook-ceph', 'tigera-operator', 'traefik', 'velero',
]); // biome-ignore format: a word list

const prefixes = ['kube-', 'linkerd', 'openshift-', 'gke-', 'aks-', 'cattle-fleet-'];

export const isSystemNamespace = (namespace: string): boolean =>
  exact.has(namespace) || prefixes.some((prefix) => namespace.startsWith(prefix));
