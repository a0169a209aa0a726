import type { Evidence } from '../../contract.ts';
import { argoApplicationOf } from '../delivery/argo-applications.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { markOf, type OwnershipKey, ownershipKeys } from './ownership-keys.ts';

/** What a service's own objects say of where it belongs. */
export interface BoundedContext {
  key: string;
  value: string;
  evidence: Evidence;
}

interface Holder {
  object: string;
  path: string;
  marks: Readonly<Record<string, string>>;
}

const holdersIn = (component: Component): Holder[] => [
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

function firstOf(component: Component, keys: readonly OwnershipKey[]): BoundedContext | undefined {
  const holders = holdersIn(component);
  for (const wanted of keys)
    for (const { object, path, marks } of holders) {
      const found = markOf(marks, wanted);
      if (found) return { ...found, evidence: { object, path: `${path}["${found.key}"]`, value: found.value } };
    }
  return undefined;
}

const contexts = ownershipKeys.filter(({ says }) => says === 'context');

/** The system or context that it declares; an owner may have several. */
export const contextOf = memoizeByIdentity((component: Component): BoundedContext | undefined =>
  firstOf(component, contexts),
);

/** The context or owner that it declares, or the Application of Argo CD that holds it. */
export function boundedContextOf(component: Component, facts: Facts): BoundedContext | undefined {
  const declared = firstOf(component, ownershipKeys);
  if (declared) return declared;
  for (const workload of component.workloads) {
    const application = argoApplicationOf(workload, facts);
    if (application) {
      const { name } = application.metadata;
      return {
        key: 'application',
        value: name,
        evidence: { object: nameOf(application), path: 'status.resources', value: workloadName(workload) },
      };
    }
  }
  return undefined;
}
