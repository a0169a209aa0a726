import type { GroupResource } from '../../contract.ts';
import type { PlannedRequest } from '../../sources/probes/planned.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { type Component, waysInto } from '../graph/components.ts';
import { at, items, text, texts } from '../kubernetes/fields.ts';
import { selects } from '../kubernetes/selectors.ts';
import type { Container, KubeService, Pod } from '../kubernetes/types.ts';
import type { Workload } from '../kubernetes/workloads.ts';

type To = NonNullable<PlannedRequest['to']>;

const serviceMonitors: GroupResource = 'servicemonitors.monitoring.coreos.com';
const podMonitors: GroupResource = 'podmonitors.monitoring.coreos.com';

/** Lists that say where metrics are: read for `--probe` alone. */
export const monitorParts: readonly GroupResource[] = [serviceMonitors, podMonitors];

/** A pod, and the port where it serves, for annotations that name none. */
interface Scraped {
  component: Component;
  workload: Workload;
  container: Container;
  pod: Pod;
  main: number | undefined;
}

/**
 * Where somebody declares that a pod's metrics are: annotations of its template, of itself or its Service, a PodMonitor or
 * ServiceMonitor that selects it. Undefined where nobody does: then nothing is asked. The template goes first, for a mesh
 * writes the address of its own proxy over what the pod was given.
 */
export function scrapedAt({ component, workload, container, pod, main }: Scraped, facts: Facts): To | undefined {
  const services = waysInto(component);
  const told = [pod, ...services].map(({ metadata }) => metadata.annotations ?? {});
  for (const annotations of [workload.podAnnotations, ...told]) {
    const found = byAnnotation(annotations, main);
    if (found) return found;
  }
  return byPodMonitor(pod, facts) ?? byServiceMonitor(services, pod, container, facts);
}

function byAnnotation(annotations: Readonly<Record<string, string>>, main: number | undefined): To | undefined {
  if (annotations['prometheus.io/scrape'] !== 'true') return undefined;
  const { 'prometheus.io/port': given, 'prometheus.io/path': path, 'prometheus.io/scheme': scheme } = annotations;
  const port = given !== undefined && /^\d{1,5}$/.test(given) ? Number(given) : main;
  return port === undefined ? undefined : to(port, path, scheme);
}

const to = (port: number, path: unknown, scheme: unknown): To => ({
  scheme: text(scheme)?.toLowerCase() === 'https' ? 'https' : 'http',
  port,
  path: narrowed(text(path) ?? '/metrics'),
});

/** Spring Boot gives only the metrics that are named: all of them are often more than is read of an answer. */
const narrowed = (path: string): string =>
  path.endsWith('/actuator/prometheus') ? `${path}?includedNames=resilience4j_circuitbreaker_state` : path;

/** A monitor looks in its own namespace, unless it says where else. */
function looksIn(monitor: KubeObject, namespace: string | undefined): boolean {
  const where = at(monitor, 'spec', 'namespaceSelector');
  if (at(where, 'any') === true) return true;
  const named = texts(at(where, 'matchNames'));
  return named.length > 0 ? named.includes(namespace ?? '') : monitor.metadata.namespace === namespace;
}

function byPodMonitor(pod: Pod, facts: Facts): To | undefined {
  const { namespace, labels = {} } = pod.metadata;
  for (const monitor of facts.list(podMonitors)) {
    if (!looksIn(monitor, namespace) || !selects(at(monitor, 'spec', 'selector'), labels)) continue;
    for (const endpoint of items(at(monitor, 'spec', 'podMetricsEndpoints'))) {
      const port = portOfPod(pod, at(endpoint, 'port')) ?? numeric(at(endpoint, 'portNumber'));
      if (port !== undefined) return to(port, at(endpoint, 'path'), at(endpoint, 'scheme'));
    }
  }
  return undefined;
}

function byServiceMonitor(
  services: readonly KubeService[],
  pod: Pod,
  container: Container,
  facts: Facts,
): To | undefined {
  for (const monitor of facts.list(serviceMonitors))
    for (const { metadata, spec } of services) {
      if (!looksIn(monitor, metadata.namespace) || !selects(at(monitor, 'spec', 'selector'), metadata.labels ?? {}))
        continue;
      for (const endpoint of items(at(monitor, 'spec', 'endpoints'))) {
        const named = spec.ports?.find(({ name }) => name !== undefined && name === at(endpoint, 'port'));
        const target = named ? (named.targetPort ?? named.port) : at(endpoint, 'targetPort');
        const port =
          numeric(target) ?? portOfPod({ ...pod, spec: { containers: [container] } }, target) ?? portOfPod(pod, target);
        if (port !== undefined) return to(port, at(endpoint, 'path'), at(endpoint, 'scheme'));
      }
    }
  return undefined;
}

const numeric = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A port by its name: of the app or of what stands beside it. */
const portOfPod = ({ spec }: Pod, name: unknown): number | undefined =>
  spec.containers.flatMap(({ ports }) => ports ?? []).find((port) => port.name !== undefined && port.name === name)
    ?.containerPort;
