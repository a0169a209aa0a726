import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { mainContainerOf } from '../graph/main-container.ts';
import { imageOf } from '../kubernetes/images.ts';
import { type Container, nameOf, type Pod, type PodSpec } from '../kubernetes/types.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';
import { type Role, roleOfImage } from '../technologies/images.ts';
import { sidecarKind } from '../technologies/sidecars.ts';

/** A container that stands in the same pod as an app. */
export interface ContainerBeside {
  container: Container;
  /** By its image, or by its name where an injector gives that. */
  role?: Role;
  workload: Workload;
  namespace: string;
  /** The pod's spec that holds it: a live pod's where one was seen, for injectors write into nothing else. */
  spec: PodSpec;
  /** "Pod shop/orders-0" or "Deployment shop/orders". */
  object: string;
  path: string;
}

const isReadyFirst = (a: Pod, b: Pod): number => Number(ready(b)) - Number(ready(a));
const ready = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** What runs beside the app: other containers, and init containers that go on running. */
export function containersBeside(component: Component): ContainerBeside[] {
  return component.workloads.flatMap((workload) => {
    const main = mainContainerOf(component, workload)?.name;
    const pod = [...workload.pods].sort(isReadyFirst)[0];
    const [spec, object, at] = pod
      ? [pod.spec, nameOf(pod), 'spec']
      : [workload.spec, workloadName(workload), workload.specPath];
    return (['containers', 'initContainers'] as const).flatMap((field) =>
      (spec[field] ?? []).flatMap((container, index): ContainerBeside[] => {
        if (container.name === main || (field === 'initContainers' && container.restartPolicy !== 'Always')) return [];
        const role =
          sidecarKind(container.name) === 'opentelemetry' ? 'collector' : roleOfImage(imageOf(container, [workload]));
        const path = `${at}.${field}[${index}]`;
        return [{ container, ...(role ? { role } : {}), workload, namespace: component.namespace, spec, object, path }];
      }),
    );
  });
}

const telemetryRoles: ReadonlySet<Role | undefined> = new Set<Role>([
  'collector',
  'agent',
  'tracing',
  'metrics',
  'logs',
]);

/**
 * Paths within a workload that belong to containers of telemetry beside the app: what they are told is theirs, and no
 * sign of what the app does. Empty where such a container is what the component is.
 */
export function pathsOfTelemetry(component: Component, facts: Facts): string[] {
  const own = facts.classOf(component);
  if (own.class === 'platform') return [];
  return component.workloads.flatMap((workload) => {
    const roles = workload.spec.containers.map((container) => roleOfImage(imageOf(container, [workload])));
    if (!roles.some((role) => telemetryRoles.has(role))) return [];
    const main = mainContainerOf(component, workload)?.name;
    return workload.spec.containers.flatMap(({ name }, index) =>
      name !== main && telemetryRoles.has(roles[index]) ? [`${workload.specPath}.containers[${index}]`] : [],
    );
  });
}

/** Whether something that was read stands in one of these containers, by the path that brings it into the workload. */
export const standsIn = (
  paths: readonly string[],
  read: { path: string; given?: string | { path: string } | undefined },
): boolean => {
  const path = typeof read.given === 'string' ? read.given : (read.given?.path ?? read.path);
  return paths.some((own) => path.startsWith(`${own}.`));
};
