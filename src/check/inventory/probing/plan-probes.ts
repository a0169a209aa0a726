import { annotation } from '../../../marks.ts';
import type { PlannedPod, PlannedRequest } from '../../sources/probes/planned.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { isSidePort, mainContainerOf, portsInto } from '../graph/main-container.ts';
import type { Container, Pod, ProbeHandler } from '../kubernetes/types.ts';
import { compare, readyPods, type Workload } from '../kubernetes/workloads.ts';
import { isNotHttp } from '../traffic/not-http.ts';
import { scrapedAt } from './scraped-at.ts';

/** What running pods are asked: by requests to the app, by a look at their logs. */
export interface ProbeWishes {
  probe: boolean;
  sampleLogs: boolean;
  /** Nothing is sent: somebody wants to see what would be. */
  dryRun?: true;
}

type To = NonNullable<PlannedRequest['to']>;

/**
 * What would be asked, one ready pod an application, the newest, in the order of services. A path is only asked where
 * something declares it; beside those go its contract and a path that exists nowhere, to the port of its Service.
 */
export const planProbes = (facts: Facts, wishes: ProbeWishes): PlannedPod[] =>
  facts.subjects
    .filter((component) => facts.classOf(component).class === 'application')
    .flatMap((component) => planOf(component, facts, wishes) ?? []);

function planOf(component: Component, facts: Facts, { probe, sampleLogs }: ProbeWishes): PlannedPod | undefined {
  for (const workload of component.workloads) {
    const [pod] = readyPods(workload).sort(newestFirst);
    const main = mainContainerOf(component, workload);
    const container = pod?.spec.containers.find(({ name }) => name === main?.name);
    if (!pod || !container) continue;
    const requests = [
      ...(probe ? distinct(requestsTo(component, workload, container, pod, facts)).filter(staysInPod) : []),
      ...(sampleLogs ? [{ purpose: 'logs' as const }] : []),
    ];
    if (requests.length === 0) return undefined;
    const { namespace = component.namespace, name } = pod.metadata;
    return { namespace, pod: name, container: container.name, service: component.key, requests };
  }
  return undefined;
}

/** During a rollout the oldest are about to go. */
const newestFirst = (a: Pod, b: Pod): number =>
  compare(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') ||
  compare(a.metadata.name, b.metadata.name);

function requestsTo(
  component: Component,
  workload: Workload,
  container: Container,
  pod: Pod,
  facts: Facts,
): PlannedRequest[] {
  const probes = (['readiness', 'liveness', 'startup'] as const).flatMap((purpose): PlannedRequest[] => {
    const to = declaredBy(container[`${purpose}Probe`], container);
    return to ? [{ purpose, to }] : [];
  });
  const main = mainPort(component, container) ?? probes[0]?.to;
  const metrics = scrapedAt({ component, workload, container, pod, main: main?.port }, facts);
  const declared: PlannedRequest[] = [...probes, ...(metrics ? [{ purpose: 'metrics' as const, to: metrics }] : [])];
  if (!main) return declared;
  const at = (path: string): To => ({ scheme: main.scheme, port: main.port, path });
  return [
    ...declared,
    { purpose: 'contract', to: at(contractPath(component, declared)) },
    { purpose: 'nowhere', to: at(nowhere) },
  ];
}

/** No app has it, so that nothing happens but what every app does with a request. */
const nowhere = '/msvc-check-cluster/exists-nowhere';

/**
 * Whoever writes a manifest writes its paths, and our rights are not theirs: `/../../../secrets` behind the proxy to a pod
 * would be a list of Secrets. A step up is asked in no spelling, nor what addresses drop or turn into a slash.
 */
const staysInPod = ({ to }: PlannedRequest): boolean =>
  to === undefined ||
  (to.port > 0 &&
    to.port < 65_536 &&
    !/[\s\p{Cc}\\]|%5c/iu.test(to.path) &&
    !to.path.split(/\/|%2f|[?#]/i).some((step) => /^(\.|%2e){2}$/i.test(step)));

const distinct = (requests: readonly PlannedRequest[]): PlannedRequest[] =>
  [...new Map([...requests].reverse().map((request) => [JSON.stringify(request.to), request])).values()].reverse();

/** Where a probe asks the container by HTTP; one that names another host does not ask it. */
function declaredBy(probe: ProbeHandler | undefined, container: Container): To | undefined {
  const { port, path = '/', scheme, host } = probe?.httpGet ?? {};
  const number = numberOf(port, container);
  if (number === undefined || host !== undefined) return undefined;
  return { scheme: scheme?.toUpperCase() === 'HTTPS' ? 'https' : 'http', port: number, path };
}

const numberOf = (port: number | string | undefined, { ports }: Container): number | undefined =>
  typeof port === 'string' && !/^\d+$/.test(port)
    ? (ports ?? []).find(({ name }) => name === port)?.containerPort
    : port === undefined
      ? undefined
      : Number(port);

/** The port of its Service that leads to HTTP in this container. */
function mainPort(component: Component, container: Container): Omit<To, 'path'> | undefined {
  for (const port of portsInto(component, container)) {
    const number = numberOf(port.targetPort ?? port.port, container);
    const spoken = `${port.appProtocol ?? ''} ${port.name ?? ''}`;
    if (number === undefined || isNotHttp(port) || /grpc|h2c|rpc/i.test(spoken)) continue;
    if (isSidePort({ number, name: port.name ?? '' })) continue;
    return { scheme: /https|tls/i.test(spoken) || port.port === 443 ? 'https' : 'http', port: number };
  }
  return undefined;
}

/** One document: where what else it declares says which framework serves it, there. */
function contractPath({ workloads }: Component, declared: readonly PlannedRequest[]): string {
  const isGenerated = workloads.some(({ podAnnotations }) => podAnnotations[annotation.generator] !== undefined);
  const has = (start: string): boolean => declared.some(({ to }) => to?.path.startsWith(start));
  if (!isGenerated && has('/actuator/')) return '/v3/api-docs';
  if (!isGenerated && has('/q/')) return '/q/openapi?format=json';
  return '/openapi.json';
}
