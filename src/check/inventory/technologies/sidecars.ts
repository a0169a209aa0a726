/** Meshes whose proxy stands beside an app. */
export type MeshKind = 'istio' | 'linkerd' | 'dapr' | 'kuma' | 'consul';

/** Containers that a mesh or a platform puts beside an app: they are never the app. */
const sidecars: Readonly<Record<string, string>> = {
  'istio-proxy': 'istio',
  'linkerd-proxy': 'linkerd',
  daprd: 'dapr',
  'kuma-sidecar': 'kuma',
  'consul-dataplane': 'consul',
  'envoy-sidecar': 'consul',
  'vault-agent': 'vault',
  'cloud-sql-proxy': 'cloudsql',
  cloudsql: 'cloudsql',
  'queue-proxy': 'knative',
  'otc-container': 'opentelemetry',
};

export const sidecarKind = (containerName: string): string | undefined =>
  Object.hasOwn(sidecars, containerName) ? sidecars[containerName] : undefined;
