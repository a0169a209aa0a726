import type { GroupResource } from '../contract.ts';
import { namingParts } from './graph/given-names.ts';
import { workloadParts } from './kubernetes/workloads.ts';

/** What every check stands on: subjects, what they are, and who addresses them. Read whatever checks are chosen. */
export const alwaysRead: readonly GroupResource[] = [
  'namespaces',
  'services',
  'endpointslices.discovery.k8s.io',
  'pods',
  ...workloadParts,
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'revisions.serving.knative.dev',
  'configurations.serving.knative.dev',
  'configmaps',
  ...namingParts,
];
