import type { Evidence } from '../../contract.ts';
import { perRun } from '../../inventory/per-run.ts';

/** Nodes that nobody can put an agent on: the platform itself takes the logs, or nobody does. */
const isManaged = (labels: Readonly<Record<string, string>>, name: string): boolean =>
  labels['eks.amazonaws.com/compute-type'] === 'fargate' ||
  labels['type'] === 'virtual-kubelet' ||
  name.startsWith('fargate-') ||
  labels['cloud.google.com/gke-provisioning'] === 'autopilot';

export const managedPlatform = perRun((facts): Evidence | undefined => {
  const node = facts.list('nodes').find(({ metadata }) => isManaged(metadata.labels ?? {}, metadata.name));
  if (node) return { object: `Node ${node.metadata.name}`, path: 'metadata.labels' };
  const fargate = facts
    .list('configmaps')
    .find(({ metadata }) => metadata.namespace === 'aws-observability' && metadata.name === 'aws-logging');
  return fargate && { object: 'ConfigMap aws-observability/aws-logging', path: 'data' };
});
