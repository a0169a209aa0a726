import type { Evidence } from '../../contract.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';

/** What a workload declares of itself in an annotation that is a list of names. */
export interface DeclaredAnnotation {
  claimed: string[];
  /** Where it stands; `value` is the name, or names, in question. */
  evidence(value: string): Evidence;
}

/** "payments, stock" */
export const namesIn = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

export const declaredAnnotation = (workload: Workload, key: string): DeclaredAnnotation => ({
  claimed: namesIn(workload.podAnnotations[key]),
  evidence: (value) => ({
    object: workloadName(workload),
    path: `${workload.metadataPath}.annotations["${key}"]`,
    value,
  }),
});
