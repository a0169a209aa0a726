import { groupBy } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Facts } from '../facts.ts';
import { type Component, waysInto } from '../graph/components.ts';
import { condition } from '../kubernetes/fields.ts';
import { isPlaceholder } from '../kubernetes/placeholders.ts';
import { type ContainerPort, type KubeService, nameOf } from '../kubernetes/types.ts';
import { isKnative, type Workload, workloadName } from '../kubernetes/workloads.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { perRun } from '../per-run.ts';
import { internalBy } from './balancers.ts';
import { isNotHttp } from './not-http.ts';
import type { Route } from './routes/route.ts';
import { routesOf } from './routes/routes.ts';

/** A way in from outside with no gateway before it. */
export interface DirectExposure {
  how: string;
  /**
   * open: to whoever reaches the nodes or the balancer · internal: a balancer of the private network · not-http: what no
   * gateway for HTTP can carry · unclear: it may belong to the balancer of a route · later: whether it is one is filled in later.
   */
  kind: 'open' | 'internal' | 'not-http' | 'unclear' | 'later';
  evidence: Evidence;
  /** The Service whose type it is. */
  service?: KubeService;
}

function ofService(service: KubeService, routes: readonly Route[]): DirectExposure[] {
  const { type, externalIPs, ports = [] } = service.spec;
  const name = `Service ${service.metadata.name}`;
  const object = nameOf(service);
  const foreign = ports.length > 0 && ports.every(isNotHttp);
  const only = foreign ? ` (${ports.map(({ port, protocol = 'TCP' }) => `${protocol} ${port}`).join(', ')})` : '';
  const exposures: DirectExposure[] = [];
  if (isPlaceholder(type ?? ''))
    exposures.push({
      how: `${name} of type ${type}`,
      kind: 'later',
      evidence: { object, path: 'spec.type', value: type ?? '' },
    });
  if (type === 'LoadBalancer') {
    const inside = internalBy(service);
    exposures.push({
      how:
        inside && !foreign ? `${name} of type LoadBalancer, an internal one,` : `${name} of type LoadBalancer${only}`,
      kind: foreign ? 'not-http' : inside ? 'internal' : 'open',
      evidence: inside && !foreign ? { object, ...inside } : { object, path: 'spec.type', value: type },
      service,
    });
  }
  // The cloud's own balancer reaches pods through node ports: there the NodePort is part of the route.
  const through = routes.filter((route) => route.service === service).map(({ nodePorts }) => nodePorts);
  if (type === 'NodePort' && !through.includes('used'))
    exposures.push({
      how: `${name} of type NodePort${only}`,
      kind: foreign ? 'not-http' : through.includes('unclear') ? 'unclear' : 'open',
      evidence: { object, path: 'spec.type', value: type },
      service,
    });
  if ((externalIPs ?? []).length > 0)
    exposures.push({
      how: `${name} with externalIPs${only}`,
      kind: foreign ? 'not-http' : 'open',
      evidence: { object, path: 'spec.externalIPs' },
    });
  return exposures;
}

const asServicePort = ({ name, containerPort, protocol }: ContainerPort) => ({
  port: containerPort,
  ...(name ? { name } : {}),
  ...(protocol ? { protocol } : {}),
});

function ofNodes(workload: Workload): DirectExposure[] {
  const object = workloadName(workload);
  const declared = appContainers(workload).flatMap(({ ports }) => ports ?? []);
  const { hostNetwork } = workload.spec;
  const path = `${workload.specPath}.hostNetwork`;
  if (typeof hostNetwork === 'string')
    return [{ how: `hostNetwork ${hostNetwork}`, kind: 'later', evidence: { object, path, value: hostNetwork } }];
  if (hostNetwork)
    return [
      {
        how: 'the network of its node (hostNetwork)',
        kind: declared.length > 0 && declared.every((port) => isNotHttp(asServicePort(port))) ? 'not-http' : 'open',
        evidence: { object, path, value: 'true' },
      },
    ];
  return appContainers(workload).flatMap((container): DirectExposure[] => {
    const ports = container.ports ?? [];
    const isLater = ({ hostPort }: ContainerPort): boolean => typeof hostPort === 'string' && isPlaceholder(hostPort);
    const open = ports.filter((each) => Number(each.hostPort) > 0 || isLater(each));
    // A port that HTTP may be spoken on counts before one that it is not, and what is known before what is filled in later.
    const known = open.filter((each) => !isLater(each));
    const port = known.find((each) => !isNotHttp(asServicePort(each))) ?? known[0] ?? open[0];
    return port
      ? [
          {
            how: `port ${port.hostPort} of its node (hostPort)`,
            kind: isLater(port) ? 'later' : isNotHttp(asServicePort(port)) ? 'not-http' : 'open',
            evidence: {
              object,
              path: `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].ports[${ports.indexOf(port)}].hostPort`,
            },
          },
        ]
      : [];
  });
}

/** LoadBalancer, NodePort, external addresses, ports of the node. */
export const directExposures = (component: Component, routes: readonly Route[]): DirectExposure[] => [
  ...waysInto(component).flatMap((service) => ofService(service, routes)),
  ...component.workloads.flatMap(ofNodes),
];

const routesByService = perRun((facts) => groupBy(routesOf(facts), ({ service }) => service));

/** Routes that lead to one of its Services. */
const routesTo = (component: Component, facts: Facts): Route[] =>
  waysInto(component).flatMap((service) => routesByService(facts).get(service) ?? []);

/** Knative puts its own gateway before a service, unless it is marked as local. */
function knativeExposure(component: Component): { ready: boolean; evidence: Evidence } | undefined {
  const workload = component.workloads.find(({ kind, object }) => kind === 'Service' && isKnative(object));
  if (!workload?.object || workload.labels['networking.knative.dev/visibility'] === 'cluster-local') return undefined;
  return {
    ready: condition(workload.object['status'], 'Ready') === true,
    evidence: { object: nameOf(workload.object), path: 'status.conditions' },
  };
}

/** How a component is reached from outside. */
export interface Exposure {
  routes: readonly Route[];
  direct: readonly DirectExposure[];
  knative: ReturnType<typeof knativeExposure>;
}

const exposures = perRun((facts) =>
  memoizeByIdentity((component: Component): Exposure => {
    const routes = routesTo(component, facts);
    return { routes, direct: directExposures(component, routes), knative: knativeExposure(component) };
  }),
);

export const exposureOf = (component: Component, facts: Facts): Exposure => exposures(facts)(component);

const isExposed = (component: Component, facts: Facts): boolean => {
  const { routes, direct, knative } = exposureOf(component, facts);
  return routes.length > 0 || direct.length > 0 || knative !== undefined;
};

/** What lets people in: a port that an exporter or an agent opens on its node is for those who watch the cluster. */
const letsIn = (component: Component, facts: Facts): boolean => {
  const { class: kind, role } = facts.classOf(component);
  return kind === 'application' || (kind === 'platform' && (role === 'gateway' || role === 'mesh'));
};

/** Namespaces with an application or a gateway that can be reached from outside. */
export const openNamespaces = perRun(
  (facts): ReadonlySet<string> =>
    new Set(
      facts.components
        .filter((component) => letsIn(component, facts) && isExposed(component, facts))
        .map(({ namespace }) => namespace),
    ),
);
