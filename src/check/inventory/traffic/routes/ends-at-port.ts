import type { Component } from '../../graph/components.ts';
import { isPlaceholder, laterPort } from '../../kubernetes/placeholders.ts';
import { type KubeService, nameOf, type ServicePort } from '../../kubernetes/types.ts';
import type { Workload } from '../../kubernetes/workloads.ts';
import type { Route } from './route.ts';

/** A number is one however it is written: `port: "80"`. */
const plain = (port: number | string): number | string =>
  typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port;

/** Ports of containers by a name that a Service's targetPort carries. */
const containerPort = (workloads: readonly Workload[], name: string): number | undefined =>
  workloads
    .flatMap(({ spec }) => [
      ...spec.containers,
      ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
    ])
    .flatMap(({ ports }) => ports ?? [])
    .find((port) => port.name === name)?.containerPort;

const podPort = ({ port, targetPort }: ServicePort, workloads: readonly Workload[]): number | undefined => {
  const target = plain(targetPort ?? port);
  return typeof target === 'number' ? target : containerPort(workloads, target);
};

const offered = ({ spec }: KubeService): string =>
  (spec.ports ?? []).map(({ name, port }) => (name ? `${name} ${port}` : String(port))).join(', ') || 'none';

/** Why requests of a route end at no port of the pods; undefined where they do, or where the route names no port. */
export function lostPort(route: Route, { workloads }: Component): string | undefined {
  const { service } = route;
  if (!service || route.port === undefined || service.spec.type === 'ExternalName') return undefined;
  const wanted = plain(route.port);
  const ports = service.spec.ports ?? [];
  // What is filled in later may fit.
  if (
    isPlaceholder(String(wanted)) ||
    ports.some(({ port, targetPort }) => port === laterPort || isPlaceholder(String(targetPort)))
  )
    return undefined;
  const found = ports.find((own) =>
    typeof wanted === 'string'
      ? own.name === wanted
      : route.portOfPods
        ? podPort(own, workloads) === wanted
        : own.port === wanted,
  );
  if (!found)
    return route.portOfPods && typeof wanted === 'number'
      ? `port ${wanted} of the pods behind ${nameOf(service)}, which leads to none of that number`
      : `port ${wanted} of ${nameOf(service)}, which has no such port (it has ${offered(service)})`;
  const { targetPort } = found;
  return typeof targetPort === 'string' && workloads.length > 0 && podPort(found, workloads) === undefined
    ? `port ${found.port} of ${nameOf(service)}, which leads to the container port ${targetPort}, and no container has one`
    : undefined;
}
