import { appContainers } from '../configuration/references.ts';
import { imageOf, imageReference } from '../kubernetes/images.ts';
import type { Container, ServicePort } from '../kubernetes/types.ts';
import { compare, type Workload } from '../kubernetes/workloads.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { isHelperImage, weightOfImage } from '../technologies/helpers.ts';
import type { Component } from './components.ts';

/** A way into a container: the number that is listened on and, where there is one, its name. */
export interface Port {
  number: number;
  name: string;
}

const sidePort = /metric|prom|monitor|manage|mgmt|admin|health|debug|pprof|probe/i;
/** A port for whoever looks after it, not for whoever uses it. */
export const isSidePort = ({ name }: Port): boolean => sidePort.test(name);

const asks = ({ readinessProbe, livenessProbe, startupProbe }: Container, wanted: number | string): boolean =>
  [readinessProbe, livenessProbe, startupProbe].some((probe) =>
    [probe?.httpGet?.port, probe?.grpc?.port, probe?.tcpSocket?.port].includes(wanted),
  );

const declares = ({ ports }: Container, wanted: number | string): boolean =>
  (ports ?? []).some(({ name, containerPort }) => containerPort === wanted || name === wanted);

/** A Service's port leads to a container that declares it; else to one whose probe asks it; else to any of them. */
const leadsTo = (port: ServicePort, container: Container, all: readonly Container[]): boolean => {
  const wanted = port.targetPort ?? port.port;
  const sign = [declares, asks].find((sign) => all.some((each) => sign(each, wanted)));
  return sign === undefined || sign(container, wanted);
};

/** Ports of its Services that lead to a container. */
export function portsInto(component: Component, container: Container): ServicePort[] {
  const all = component.workloads.flatMap(appContainers);
  return component.services
    .flatMap(({ spec }) => spec.ports ?? [])
    .filter((port) => leadsTo(port, container, all))
    .sort((a, b) => a.port - b.port);
}

const chosen = 'kubectl.kubernetes.io/default-container';

/** It is called, or made, like the Service or the workload; or the workload says that it is the one. */
function bearsName(container: Container, { name, workloads }: Component): boolean {
  const names = [
    name,
    ...workloads.flatMap((workload) => [workload.name, workload.podAnnotations[chosen] ?? []].flat()),
  ];
  const made = imageReference(imageOf(container, workloads) ?? '').name;
  return names.includes(container.name) || names.includes(made);
}

/**
 * The container that is the service. Ports of its Services say which; neither their order nor that of the containers
 * says anything. What is known to stand in front of or beside an app (an exporter, a proxy that asks who comes, a
 * shipper) is the service only where there is no app.
 */
export const mainContainer = memoizeByIdentity(findMain);

const mains = memoizeByIdentity((component: Component) =>
  memoizeByIdentity((workload: Workload) => mainContainer({ ...component, workloads: [workload] })),
);

/** The container of one of its workloads that is the service. */
export const mainContainerOf = (component: Component, workload: Workload): Container | undefined =>
  component.workloads.length === 1 ? mainContainer(component) : mains(component)(workload);

function findMain(component: Component): Container | undefined {
  const containers = component.workloads.flatMap((workload) =>
    appContainers(workload).map((container) => ({ container, ...placeOf(container, component, workload) })),
  );
  return containers.sort(
    (a, b) =>
      a.place - b.place || a.port - b.port || compare(a.container.name, b.container.name) || compare(a.owner, b.owner),
  )[0]?.container;
}

/** How far a container is from being the service, and the lowest port that leads into it. */
function placeOf(
  container: Container,
  component: Component,
  workload: Workload,
): { place: number; port: number; owner: string } {
  const image = imageOf(container, [workload]);
  const ports = portsInto(component, container);
  const business = ports.filter(({ name = '' }) => !sidePort.test(name));
  const isNamed = bearsName(container, component);
  const reached = business.length > 0;
  const owner = workload.name;
  const port = (business[0] ?? ports[0])?.port ?? 65_536;
  const weight = weightOfImage(image ?? '');
  const places: readonly (readonly [boolean, number])[] = [
    [isHelperImage(image), reached ? 8 : 9],
    [isNamed && reached, 0],
    [reached && weight === 'app', 1],
    [reached && weight === 'store', 2],
    [isNamed, 3],
    [reached, 4],
    [ports.length > 0, 5],
    [(container.ports ?? []).length > 0, 6],
  ];
  return { place: places.find(([holds]) => holds)?.[1] ?? 7, port, owner };
}
