interface Extra {
  kind?: 'Deployment' | 'DaemonSet';
  /** More of the object's metadata, as flow YAML: `, labels: { … }`. */
  metadata?: string;
  /** More labels and the like of its pods: `, istio: ingress`, `}, annotations: {`. */
  podLabels?: string;
  podMetadata?: string;
  /** More of the pods' spec: `, volumes: [ … ]`. */
  podSpec?: string;
}

/** A workload of that name as YAML, whose pods carry its name as `app`. `containers` and all more are flow YAML. */
export const workload = (
  name: string,
  containers: string,
  { kind = 'Deployment', metadata = '', podLabels = '', podMetadata = '', podSpec = '' }: Extra = {},
): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}${metadata} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}${podLabels} }${podMetadata} }
    spec: { containers: [${containers}]${podSpec} }
---
`;

/** An agent on every node, which reads the files of all containers. */
export const logAgent = workload(
  'log-agent',
  '{ name: agent, image: "fluent/fluent-bit:4.2", volumeMounts: [{ name: logs, mountPath: /var/log }] }',
  { kind: 'DaemonSet', podSpec: ', volumes: [{ name: logs, hostPath: { path: /var/log } }]' },
);

/** The Service in front of it. */
export const serviceOf = (name: string, port = 80): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: ${port} }] }
---
`;
