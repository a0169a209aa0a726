import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Address } from '../configuration/address.ts';
import { addressesInFile } from '../configuration/file-addresses.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { fields } from '../kubernetes/fields.ts';
import { keyOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { isTelemetryPort } from '../technologies/telemetry-names.ts';

/** Addresses of services in a ConfigMap that nobody is given, and that one service may read through the API. */
export interface ReadableMap {
  map: KubeObject;
  addresses: { key: string; address: Address }[];
}

const nameLabels = ['app.kubernetes.io/name', 'app', 'k8s-app'];
/** Files that a program takes for its settings, and nobody else for anything. */
const settingsFile =
  /^(application|bootstrap|appsettings|config|settings)([.-][\w.-]*)?\.(ya?ml|properties|json|toml)$/i;

/** ConfigMaps that no workload is given, by what says whose they are: "shop/orders". */
const looseMaps = perRun((facts): ReadonlyMap<string, KubeObject[]> => {
  const given = new Set(
    facts.components.flatMap(({ namespace, workloads }) =>
      workloads.flatMap(({ spec }) => [...mapsOf(spec)].map((name) => `${namespace}/${name}`)),
    ),
  );
  const found = new Map<string, KubeObject[]>();
  for (const map of facts.list('configmaps')) {
    if (given.has(keyOf(map))) continue;
    const { name, namespace = '', labels = {} } = map.metadata;
    const isSettings = Object.keys(fields(map['data'])).some((key) => settingsFile.test(key));
    const labelled = isSettings ? nameLabels.flatMap((label) => labels[label] ?? []) : [];
    for (const owner of new Set([name, ...labelled])) append(found, `${namespace}/${owner}`, map);
  }
  return found;
});

/** No pod's spec is nested deeper; what nobody validated may go on for ever. */
const deepest = 20;

/** Names of every ConfigMap that a pod's spec brings in, wherever it does. */
function mapsOf(spec: unknown): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown, name: string, depth = 0): void => {
    if (typeof value !== 'object' || value === null || depth > deepest) return;
    const named = /^configMap(Ref|KeyRef)?$/.test(name) ? fields(value)['name'] : undefined;
    if (typeof named === 'string') found.add(named);
    for (const [key, inner] of Object.entries(value)) walk(inner, Array.isArray(value) ? name : key, depth + 1);
  };
  walk(spec, '');
  return found;
}

const saysName = /^(spring[._]?application[._]?name|spring[._]?cloud[._]?kubernetes[._]?config[._]?name)$/i;
const saysSwitch = /^spring[._]?cloud[._]?kubernetes[._]?(config[._]?)?enabled$/i;

/** What it is called by itself; undefined where it is told not to read ConfigMaps. */
function ownNames(component: Component, facts: Facts): Set<string> | undefined {
  const names = new Set([component.name, ...component.workloads.map(({ name }) => name)]);
  for (const { name, value, source } of facts.configuration(component).settings) {
    if (source === 'file') continue;
    const [, flag, rest] = /^-+D?([\w.-]{1,80})=(\S{1,253})$/.exec(source === 'argument' ? value : '') ?? [];
    const [said, word] = flag ? [flag, rest ?? ''] : [name, value.trim()];
    if (saysSwitch.test(said) && /^false$/i.test(word)) return undefined;
    if (saysName.test(said)) names.add(word);
  }
  return names;
}

/**
 * ConfigMaps that are its own by name, by label or by what it calls itself, that no pod is given, and that hold addresses
 * of services: as Spring Cloud Kubernetes, programs may read them through the API. Whether this one does is not visible.
 */
export function readableMaps(component: Component, facts: Facts): ReadableMap[] {
  const loose = looseMaps(facts);
  const maps = [...(ownNames(component, facts) ?? [])].flatMap(
    (name) => loose.get(`${component.namespace}/${name}`) ?? [],
  );
  return [...new Set(maps)].flatMap((map) => {
    const addresses = Object.entries(fields(map['data'])).flatMap(([key, text]) =>
      (typeof text === 'string' ? addressesInFile(text) : [])
        .filter((address) => isOfService(address, component, facts))
        .map((address) => ({ key, address })),
    );
    return addresses.length > 0 ? [{ map, addresses }] : [];
  });
}

function isOfService({ host, port, scheme }: Address, component: Component, facts: Facts): boolean {
  const destination = facts.resolve(host, port, component.namespace);
  if (destination.kind === 'absent' || destination.kind === 'unread')
    return !isTelemetryPort(port) && (/\.svc(\.|$)/.test(host) || (scheme !== undefined && port !== undefined));
  if (!('service' in destination)) return destination.kind === 'literal';
  const to = facts.componentOf(destination.service);
  return to !== component && !(to && facts.classOf(to).class === 'platform');
}
