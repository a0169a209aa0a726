import type { Evidence } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { mainContainer } from '../graph/main-container.ts';
import { fields } from '../kubernetes/fields.ts';
import { imageOf, imageReference } from '../kubernetes/images.ts';
import { keyOf, nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { meaningOfImage } from '../technologies/images.ts';
import { type GatewayConfig, gatewayConfig, gatewaySetting } from './gateway-configs.ts';

/** Signs that an application is a gateway itself. */
export interface OwnGateway {
  technology: string;
  /** Services that its routes are seen to lead to; empty where only the program or its listeners are seen. */
  routesTo: string[];
  /** Some of them lead to names that nobody could look up. */
  unread?: true;
  /** The routes stand where it may read them, which nobody can see that it does. */
  maybe?: true;
  evidence: Evidence;
}

/** Products whose programs are gateways, in the name of an image or as the program that is started. */
const products: readonly (readonly [technology: string, name: RegExp])[] = [
  ['Spring Cloud Gateway', /(^|[-_./])spring-cloud-gateway([-_.]|$)/],
  ['Express Gateway', /(^|[-_./])express-?gateway([-_.]|$)/],
  ['YARP', /(^|[-_./])yarp([-_.]|$)/],
  ['Ocelot', /(^|[-_./])ocelot([-_.]|$)/],
  ['KrakenD', /(^|[-_./])krakend([-_.]|$)/],
  ['Envoy', /(^|[-_./])envoy([-_.]|$)/],
];

/** Hosts of its routes that are Services here: `lb://orders` and `http://orders:8080` both mean orders. */
function ends(targets: readonly string[], component: Component, facts: Facts): Pick<OwnGateway, 'routesTo' | 'unread'> {
  let unread = false;
  const found = targets.flatMap((target) => {
    const [host = '', digits] =
      target
        .replace(/^[a-z]{1,10}:(\/\/)?/i, (scheme) => (scheme.endsWith('//') ? '' : scheme))
        .split(/[/?#]/, 1)[0]
        ?.split(':') ?? [];
    if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host)) return [];
    const port = digits && /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
    const destination = facts.resolve(host.toLowerCase(), port, component.namespace);
    unread ||= destination.kind === 'unread';
    if (destination.kind !== 'service') return [];
    const to = facts.componentOf(destination.service);
    return to === component ? [] : [destination.service.metadata.name];
  });
  return { routesTo: [...new Set(found)].sort(), ...(unread ? { unread } : {}) };
}

const holder = ({ configMap, path }: Setting, component: Component): Evidence => {
  const [workload] = component.workloads;
  return {
    object: configMap || !workload ? `ConfigMap ${component.namespace}/${configMap}` : workloadName(workload),
    path,
  };
};

/** A page that hands one path on to its back end is no gateway; one that hands many on is both. */
const isGateway = ({ servesFiles }: GatewayConfig, routesTo: readonly string[]): boolean =>
  !servesFiles || routesTo.length > 1;

function bySettings(component: Component, facts: Facts): OwnGateway[] {
  const byName = new Map<string, { setting: Setting; targets: string[] }>();
  const found: OwnGateway[] = [];
  for (const setting of facts.configuration(component).settings) {
    const one = setting.source === 'file' ? undefined : gatewaySetting(nameIn(setting), valueIn(setting));
    if (one) {
      const known = byName.get(one.technology) ?? { setting, targets: [] };
      byName.set(one.technology, { ...known, targets: [...known.targets, ...one.targets] });
      continue;
    }
    if (setting.source === 'variable' && !setting.value.includes('\n') && !setting.value.trim().startsWith('{'))
      continue;
    const config = gatewayConfig(setting.value);
    if (!config) continue;
    const led = ends(config.targets, component, facts);
    if (isGateway(config, led.routesTo))
      found.push({
        technology: config.technology,
        ...led,
        ...(config.servesFiles ? { maybe: true } : {}),
        evidence: holder(setting, component),
      });
  }
  for (const [technology, { setting, targets }] of byName)
    found.push({ technology, ...ends(targets, component, facts), evidence: holder(setting, component) });
  return found;
}

/** `--spring.cloud.gateway.routes[0].uri=http://orders` as a name and a value. */
const nameIn = ({ name, source, value }: Setting): string =>
  source === 'argument' ? (/^-+D?([^=\s]{1,256})=/.exec(value)?.[1] ?? '') : name;
const valueIn = ({ source, value }: Setting): string =>
  source === 'argument' ? value.slice(value.indexOf('=') + 1) : value;

const mapsByKey = perRun(
  (facts): ReadonlyMap<string, KubeObject> => new Map(facts.list('configmaps').map((map) => [keyOf(map), map])),
);

/** A ConfigMap of its own name that nobody mounts: Spring Cloud Kubernetes reads such through the API. */
function byReadableMap(component: Component, facts: Facts): OwnGateway[] {
  const own = new Set([component.name, ...component.workloads.map(({ name }) => name)]);
  return [...own]
    .flatMap((name) => mapsByKey(facts).get(`${component.namespace}/${name}`) ?? [])
    .flatMap((map) =>
      Object.entries(fields(map['data'])).flatMap(([key, value]): OwnGateway[] => {
        const config = typeof value === 'string' ? gatewayConfig(value) : undefined;
        if (!config || config.servesFiles) return [];
        return [
          {
            technology: config.technology,
            ...ends(config.targets, component, facts),
            maybe: true,
            evidence: { object: nameOf(map), path: `data.${key}` },
          },
        ];
      }),
    );
}

const programOf = (command: string): string => command.slice(command.lastIndexOf('/') + 1);

/** The image says so, or the program that is started; a proxy beside the app that its ports do not lead to says nothing. */
function byProgram(component: Component): OwnGateway[] {
  const container = mainContainer(component);
  const workload = component.workloads.find(({ spec }) => container && spec.containers.includes(container));
  if (!container || !workload) return [];
  const image = imageOf(container, [workload]) ?? '';
  const names = [imageReference(image).name, programOf(container.command?.[0] ?? container.args?.[0] ?? '')];
  const product = products.find(([, pattern]) => names.some((name) => pattern.test(name)));
  const technology = product?.[0] ?? (meaningOfImage(image)?.role === 'gateway' ? 'by its image' : undefined);
  if (!technology) return [];
  const path = `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].image`;
  return [{ technology, routesTo: [], evidence: { object: workloadName(workload), path, value: image } }];
}

/** Whether an application is itself the gateway, and where its routes lead: the strongest sign that there is. */
export function ownGateway(component: Component, facts: Facts): OwnGateway | undefined {
  const signs = [...bySettings(component, facts), ...byReadableMap(component, facts), ...byProgram(component)];
  const strength = ({ routesTo, maybe }: OwnGateway): number => (routesTo.length > 0 ? 2 : 0) + (maybe ? 0 : 1);
  return signs.sort((a, b) => strength(b) - strength(a))[0];
}
