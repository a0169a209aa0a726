import { annotation, label } from '../../../marks.ts';
import type { Evidence } from '../../contract.ts';
import type { Component } from '../graph/components.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';

/** Keys that say which bounded context (or system, or component of a catalogue) a service belongs to. */
const keys = [
  annotation.context,
  label.partOf,
  'backstage.io/kubernetes-id',
  'app.openshift.io/part-of',
  'bounded-context',
  'domain',
];

/** The part of the business that a service says it belongs to. */
export interface BoundedContext {
  value: string;
  evidence: Evidence;
}

/** The context that its own objects declare. */
export function boundedContextOf(component: Component): BoundedContext | undefined {
  const holders = [
    ...component.workloads.flatMap((workload) => {
      const object = workloadName(workload);
      return [
        { object, path: 'metadata.annotations', marks: workload.annotations },
        { object, path: 'metadata.labels', marks: workload.labels },
        { object, path: `${workload.metadataPath}.annotations`, marks: workload.podAnnotations },
        { object, path: `${workload.metadataPath}.labels`, marks: workload.podLabels },
      ];
    }),
    ...component.services.flatMap((service) => [
      { object: nameOf(service), path: 'metadata.annotations', marks: service.metadata.annotations ?? {} },
      { object: nameOf(service), path: 'metadata.labels', marks: service.metadata.labels ?? {} },
    ]),
  ];
  for (const key of keys)
    for (const { object, path, marks } of holders) {
      const value = marks[key];
      if (value) return { value, evidence: { object, path: `${path}["${key}"]`, value } };
    }
  return undefined;
}
