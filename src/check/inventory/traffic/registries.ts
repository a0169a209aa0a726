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

const off =
  /^(?:(EUREKA)_CLIENT_ENABLED|SPRING_CLOUD_(CONSUL|NACOS|ZOOKEEPER)_(?:DISCOVERY_)?ENABLED|SPRING_CLOUD_DISCOVERY_ENABLED)$/;

/** Whether a library's switch turns off what a setting of this name is about. */
function switchedOff(component: Component, facts: Facts): (name: string) => boolean {
  const switches = facts
    .configuration(component)
    .settings.filter(({ source, value }) => source === 'variable' && /^\s*false\s*$/i.test(value))
    .flatMap(({ name }) => {
      const [whole, ...words] = off.exec(name) ?? [];
      return whole === undefined ? [] : [words.find((word) => word !== undefined) ?? ''];
    });
  return (name) => variables.some(([pattern]) => pattern.test(name)) && switches.some((word) => name.includes(word));
}

/** A registry beside Kubernetes' own that this service finds others by. */
export function registryOf(component: Component, facts: Facts): { name: string; evidence: Evidence } | undefined {
  const isOff = switchedOff(component, facts);
  const edge = facts
    .edgesFrom(component)
    .find(({ to, setting }) => to && facts.classOf(to).role === 'registry' && !isOff(setting));
  if (edge?.to) return { name: edge.to.name, evidence: edge.evidence };
  for (const setting of facts.configuration(component).settings) {
    if (setting.source !== 'variable' || /^(|false|0)$/.test(setting.value.trim())) continue;
    if (isOff(setting.name)) continue;
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
