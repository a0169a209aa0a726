import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Facts } from '../facts.ts';
import { type Party, waysInto } from '../graph/components.ts';
import { condition } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import type { Route } from './route-kinds.ts';
import { routesOf } from './routes.ts';

/** A door that opens to the outside with no gateway before it. */
export interface DirectDoor {
  how: string;
  evidence: Evidence;
}

const balancedByCloud = /^(alb|gce|gce-internal|azure\/application-gateway|webapprouting.*)$/;

/** LoadBalancer, NodePort, external addresses, ports of the node. */
export function directDoors(party: Party, routes: readonly Route[]): DirectDoor[] {
  const doors: DirectDoor[] = [];
  for (const door of waysInto(party)) {
    const { type, externalIPs } = door.spec;
    // The cloud's own balancer reaches pods through node ports: there the NodePort is part of the route.
    const carried =
      type === 'NodePort' &&
      routes.some(({ service, className }) => service === door && balancedByCloud.test(className ?? ''));
    if ((type === 'LoadBalancer' || type === 'NodePort') && !carried)
      doors.push({
        how: `Service ${door.metadata.name} of type ${type}`,
        evidence: { object: nameOf(door), path: 'spec.type', value: type },
      });
    if ((externalIPs ?? []).length > 0)
      doors.push({
        how: `Service ${door.metadata.name} with externalIPs`,
        evidence: { object: nameOf(door), path: 'spec.externalIPs' },
      });
  }
  for (const workload of party.workloads) {
    if (workload.spec.hostNetwork)
      doors.push({
        how: 'the network of its node (hostNetwork)',
        evidence: { object: workloadName(workload), path: `${workload.specPath}.hostNetwork`, value: 'true' },
      });
    for (const container of appContainers(workload)) {
      const port = (container.ports ?? []).findIndex(({ hostPort }) => hostPort !== undefined && hostPort > 0);
      if (port >= 0 && !workload.spec.hostNetwork)
        doors.push({
          how: `port ${container.ports?.[port]?.hostPort} of its node (hostPort)`,
          evidence: {
            object: workloadName(workload),
            path: `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].ports[${port}].hostPort`,
          },
        });
    }
  }
  return doors;
}

/** Routes that lead to one of its Services. */
export function routesTo(party: Party, facts: Facts): Route[] {
  const ways = waysInto(party);
  return routesOf(facts).filter(({ service }) => service !== undefined && ways.includes(service));
}

/** Knative puts its own gateway before a service, unless it is marked as local. */
export function knativeExposure(party: Party): { ready: boolean; evidence: Evidence } | undefined {
  const workload = party.workloads.find(
    ({ kind, object }) => kind === 'Service' && object?.apiVersion.startsWith('serving.knative.dev/'),
  );
  if (!workload?.object || workload.labels['networking.knative.dev/visibility'] === 'cluster-local') return undefined;
  return {
    ready: condition(workload.object['status'], 'Ready') === true,
    evidence: { object: nameOf(workload.object), path: 'status.conditions' },
  };
}

export const isExposed = (party: Party, facts: Facts): boolean => {
  const routes = routesTo(party, facts);
  return routes.length > 0 || directDoors(party, routes).length > 0 || knativeExposure(party) !== undefined;
};
