import type { KubeObject } from '../sources/snapshot.ts';
import type { Container, PodSpec } from './kube.ts';
import { fields, text } from './read.ts';

/** One value that a container is given, and where it was read. */
export interface Setting {
  /** Name of the variable, or of the file; '' for arguments. */
  name: string;
  value: string;
  source: 'variable' | 'argument' | 'file';
  /** Path in the workload, or the ConfigMap that holds the value. */
  path: string;
  configMap?: string;
}

export interface Settings {
  list: Setting[];
  /** Names of Secrets that hold settings nobody may read. */
  secrets: string[];
  /** ConfigMaps that are named and were not found. */
  missing: string[];
}

export type ConfigMaps = (namespace: string, name: string) => KubeObject | undefined;

/** Longest value that is put into another, and longest result: an address is never longer. */
const longest = 4096;

/** `$(NAME)` as the kubelet expands it: only variables defined before, `$$(` stays. */
function expand(value: string, known: ReadonlyMap<string, string>): string {
  if (!value.includes('$(') || value.length > 16 * longest) return value;
  const expanded = value.replace(/\$\$|\$\(([A-Za-z_.-][\w.-]{0,128})\)/g, (whole, name?: string) => {
    if (name === undefined) return '$';
    const inner = known.get(name);
    return inner !== undefined && inner.length <= longest ? inner : whole;
  });
  return expanded.length > 16 * longest ? value : expanded;
}

const dataOf = (configMap: KubeObject): [string, string][] =>
  Object.entries(fields(configMap['data'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string');

/** Everything one container is told: environment, arguments, and the files that ConfigMaps put beside it. */
export function settingsOf(
  container: Container,
  spec: PodSpec,
  at: string,
  namespace: string,
  configMaps: ConfigMaps,
): Settings {
  const list: Setting[] = [];
  const secrets = new Set<string>();
  const missing = new Set<string>();
  const known = new Map<string, string>();
  const read = (name: string | undefined, optional = false): KubeObject | undefined => {
    const found = name ? configMaps(namespace, name) : undefined;
    if (name && !found && !optional) missing.add(name);
    return found;
  };

  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    if (secretRef?.name) secrets.add(secretRef.name);
    const map = configMapRef?.name ? read(configMapRef.name) : undefined;
    for (const [key, value] of map ? dataOf(map) : []) {
      known.set(prefix + key, value);
      list.push({
        name: prefix + key,
        value,
        source: 'variable',
        path: `data.${key}`,
        configMap: map?.metadata.name ?? '',
      });
    }
  }
  (container.env ?? []).forEach((variable, index) => {
    const path = `${at}.env[${index}]`;
    const { secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
    if (secretKeyRef?.name) secrets.add(secretKeyRef.name);
    const map = configMapKeyRef?.name ? read(configMapKeyRef.name) : undefined;
    const raw = map ? text(fields(map['data'])[configMapKeyRef?.key ?? '']) : variable.value;
    if (typeof raw !== 'string') return;
    const value = expand(raw, known);
    known.set(variable.name, value);
    list.push({
      name: variable.name,
      value,
      source: 'variable',
      path,
      ...(map ? { configMap: map.metadata.name } : {}),
    });
  });
  for (const field of ['command', 'args'] as const)
    (container[field] ?? []).forEach((value, index) => {
      list.push({ name: '', value: expand(value, known), source: 'argument', path: `${at}.${field}[${index}]` });
    });

  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  for (const volume of spec.volumes ?? []) {
    if (!mounted.has(volume.name)) continue;
    if (volume.secret?.secretName) secrets.add(volume.secret.secretName);
    const names = [
      volume.configMap?.name,
      ...(volume.projected?.sources ?? []).map((source) => source.configMap?.name),
    ];
    for (const source of volume.projected?.sources ?? []) if (source.secret?.name) secrets.add(source.secret.name);
    const only = volume.configMap?.items?.map(({ key }) => key);
    for (const name of names) {
      const map = read(name);
      for (const [key, value] of map ? dataOf(map) : [])
        if (!only || only.includes(key))
          list.push({ name: key, value, source: 'file', path: `data.${key}`, configMap: map?.metadata.name ?? '' });
    }
  }
  return { list, secrets: [...secrets].sort(), missing: [...missing].sort() };
}
