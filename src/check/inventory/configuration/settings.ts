import type { KubeObject } from '../../sources/snapshot.ts';
import { fields, items, text } from '../kubernetes/fields.ts';
import type { Container, PodSpec } from '../kubernetes/types.ts';

/** One value that a container is given, and where it was read. */
export interface Setting {
  /** Name of the variable, or of the file; '' for arguments. */
  name: string;
  value: string;
  source: 'variable' | 'argument' | 'file';
  /** Path in the workload, or the ConfigMap that holds the value. */
  path: string;
  configMap?: string;
  /** Path in the workload that brings the ConfigMap in. */
  given?: string;
  /** What is given together with it: "settings", or the one file "settings/orders.yaml" where files are chosen. */
  bundle?: string;
}

/** A value of a Secret that a container is given: it is named, and never read. */
export interface SecretUse {
  secret: string;
  /** Absent where all of it is given. */
  key?: string;
  variable?: string;
  /** Given as files. */
  mounted?: true;
  /** Given to a proxy that stands between the app and its database. */
  proxy?: true;
  /** Path in the workload. */
  path: string;
}

/** What the containers of one workload are told, as far as it can be read. */
export interface Settings {
  list: Setting[];
  secretUses: SecretUse[];
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
  const secretUses: SecretUse[] = [];
  const missing = new Set<string>();
  const known = new Map<string, string>();
  const read = (name: string | undefined, optional = false): KubeObject | undefined => {
    const found = name ? configMaps(namespace, name) : undefined;
    if (name && !found && !optional) missing.add(name);
    return found;
  };

  for (const [index, { prefix = '', configMapRef, secretRef }] of (container.envFrom ?? []).entries()) {
    const all = text(secretRef?.name);
    if (all) secretUses.push({ secret: all, path: `${at}.envFrom[${index}].secretRef` });
    const map = configMapRef?.name ? read(configMapRef.name) : undefined;
    for (const [key, value] of map ? dataOf(map) : []) {
      known.set(prefix + key, value);
      list.push({
        name: prefix + key,
        value,
        source: 'variable',
        path: `data.${key}`,
        configMap: map?.metadata.name ?? '',
        given: `${at}.envFrom[${index}].configMapRef`,
        bundle: map?.metadata.name ?? '',
      });
    }
  }
  (container.env ?? []).forEach((variable, index) => {
    const path = `${at}.env[${index}]`;
    const { secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
    const secret = text(secretKeyRef?.name);
    if (secret)
      secretUses.push({
        secret,
        key: text(secretKeyRef?.key) ?? '',
        variable: variable.name,
        path: `${path}.valueFrom.secretKeyRef`,
      });
    const map = configMapKeyRef?.name ? read(configMapKeyRef.name) : undefined;
    const raw = map ? text(fields(map['data'])[configMapKeyRef?.key ?? '']) : variable.value;
    if (typeof raw !== 'string') return;
    const value = expand(raw, known);
    known.set(variable.name, value);
    list.push({
      name: variable.name,
      value,
      source: 'variable',
      path: map ? `data.${configMapKeyRef?.key}` : path,
      ...(map ? { configMap: map.metadata.name, given: `${path}.valueFrom.configMapKeyRef` } : {}),
    });
  });
  for (const field of ['command', 'args'] as const)
    (container[field] ?? []).forEach((value, index) => {
      list.push({ name: '', value: expand(value, known), source: 'argument', path: `${at}.${field}[${index}]` });
    });

  const mounts = container.volumeMounts ?? [];
  for (const volume of spec.volumes ?? []) {
    const mount = mounts.findIndex(({ name }) => name === volume.name);
    if (mount < 0) continue;
    const subPaths = mounts.filter(({ name }) => name === volume.name).map(({ subPath }) => subPath);
    const secretFiles = (name: unknown, chosen: unknown): void => {
      const secret = text(name);
      if (!secret) return;
      const given = items(chosen).flatMap((item) => text(fields(item)['key']) ?? []);
      const keys = given.length > 0 ? given : subPaths.every(Boolean) ? subPaths : [undefined];
      for (const key of keys)
        secretUses.push({
          secret,
          ...(key ? { key } : {}),
          mounted: true,
          path: `${at}.volumeMounts[${mount}]`,
        });
    };
    secretFiles(volume.secret?.secretName, volume.secret?.items);
    const names = [
      volume.configMap?.name,
      ...(volume.projected?.sources ?? []).map((source) => source.configMap?.name),
    ];
    for (const { secret } of volume.projected?.sources ?? []) secretFiles(secret?.name, secret?.items);
    const only = volume.configMap?.items?.map(({ key }) => key);
    for (const name of names) {
      const map = read(name);
      for (const [key, value] of map ? dataOf(map) : [])
        if (!only || only.includes(key))
          list.push({
            name: key,
            value,
            source: 'file',
            path: `data.${key}`,
            configMap: map?.metadata.name ?? '',
            given: `${at}.volumeMounts[${mount}]`,
            bundle: `${map?.metadata.name}${only || subPaths.every(Boolean) ? `/${key}` : ''}`,
          });
    }
  }
  const secrets = [...new Set(secretUses.map(({ secret }) => secret))].sort();
  return { list, secrets, secretUses, missing: [...missing].sort() };
}
