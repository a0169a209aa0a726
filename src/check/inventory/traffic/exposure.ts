import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Facts } from '../facts.ts';
import { type Component, waysInto } from '../graph/components.ts';
import { condition } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import type { Route } from './route-kinds.ts';
import { routesOf } from './routes.ts';

/** A way in from outside with no gateway before it. */
export interface DirectExposure {
  how: string;
  evidence: Evidence;
}

const balancedByCloud = /^(alb|gce|gce-internal|azure\/application-gateway|webapprouting.*)$/;

/** LoadBalancer, NodePort, external addresses, ports of the node. */
export function directExposures(component: Component, routes: readonly Route[]): DirectExposure[] {
  const exposures: DirectExposure[] = [];
  for (const service of waysInto(component)) {
    const { type, externalIPs } = service.spec;
    // The cloud's own balancer reaches pods through node ports: there the NodePort is part of the route.
    const carried =
      type === 'NodePort' &&
      routes.some((route) => route.service === service && balancedByCloud.test(route.className ?? ''));
    if ((type === 'LoadBalancer' || type === 'NodePort') && !carried)
      exposures.push({
        how: `Service ${service.metadata.name} of type ${type}`,
        evidence: { object: nameOf(service), path: 'spec.type', value: type },
      });
    if ((externalIPs ?? []).length > 0)
      exposures.push({
        how: `Service ${service.metadata.name} with externalIPs`,
        evidence: { object: nameOf(service), path: 'spec.externalIPs' },
      });
  }
  for (const workload of component.workloads) {
    if (workload.spec.hostNetwork)
      exposures.push({
        how: 'the network of its node (hostNetwork)',
        evidence: { object: workloadName(workload), path: `${workload.specPath}.hostNetwork`, value: 'true' },
      });
    for (const container of appContainers(workload)) {
      const port = (container.ports ?? []).findIndex(({ hostPort }) => hostPort !== undefined && hostPort > 0);
      if (port >= 0 && !workload.spec.hostNetwork)
        exposures.push({
          how: `port ${container.ports?.[port]?.hostPort} of its node (hostPort)`,
          evidence: {
            object: workloadName(workload),
            path: `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].ports[${port}].hostPort`,
          },
        });
    }
  }
  return exposures;
}

/** Routes that lead to one of its Services. */
export function routesTo(component: Component, facts: Facts): Route[] {
  const ways = waysInto(component);
  return routesOf(facts).filter(({ service }) => service !== undefined && ways.includes(service));
}

/** Knative puts its own gateway before a service, unless it is marked as local. */
export function knativeExposure(component: Component): { ready: boolean; evidence: Evidence } | undefined {
  const workload = component.workloads.find(
    ({ kind, object }) => kind === 'Service' && object?.apiVersion.startsWith('serving.knative.dev/'),
  );
  if (!workload?.object || workload.labels['networking.knative.dev/visibility'] === 'cluster-local') return undefined;
  return {
    ready: condition(workload.object['status'], 'Ready') === true,
    evidence: { object: nameOf(workload.object), path: 'status.conditions' },
  };
}

export const isExposed = (component: Component, facts: Facts): boolean => {
  const routes = routesTo(component, facts);
  return routes.length > 0 || directExposures(component, routes).length > 0 || knativeExposure(component) !== undefined;
};
