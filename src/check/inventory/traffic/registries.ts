import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { workloadName } from '../kubernetes/workloads.ts';

const variables: readonly (readonly [RegExp, string])[] = [
  [/^EUREKA_|^eureka\.client|EUREKA_CLIENT_SERVICE_?URL/i, 'Eureka'],
  [/^SPRING_CLOUD_CONSUL_|^CONSUL_(HTTP_ADDR|HOST|ADDR|URL|SERVER)/i, 'Consul'],
  [/^SPRING_CLOUD_NACOS_DISCOVERY|^NACOS_(SERVER_?ADDR|HOST|ADDR|ADDRS)/i, 'Nacos'],
  [/^SPRING_CLOUD_ZOOKEEPER_/i, 'ZooKeeper'],
];

/** A registry beside Kubernetes' own that this service finds others by. */
export function registryOf(component: Component, facts: Facts): { name: string; evidence: Evidence } | undefined {
  const edge = facts.edgesFrom(component).find(({ to }) => to && facts.classOf(to).role === 'registry');
  if (edge?.to) return { name: edge.to.name, evidence: edge.evidence };
  for (const setting of facts.configuration(component).settings) {
    if (setting.source !== 'variable' || /^(|false|0)$/.test(setting.value.trim())) continue;
    const known = variables.find(([pattern]) => pattern.test(setting.name));
    const object = component.workloads[0];
    if (known && object) return { name: known[1], evidence: { object: workloadName(object), path: setting.path } };
  }
  for (const workload of component.workloads)
    if (workload.podAnnotations['dapr.io/enabled'] === 'true')
      return {
        name: 'Dapr',
        evidence: {
          object: workloadName(workload),
          path: `${workload.metadataPath}.annotations["dapr.io/enabled"]`,
          value: 'true',
        },
      };
  return undefined;
}
