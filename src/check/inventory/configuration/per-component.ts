import type { KubeObject } from '../../sources/snapshot.ts';
import { keyOf } from '../kubernetes/types.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { type Configuration, configurationOf, type FileCache } from './references.ts';

const nothing: Configuration = { references: [], settings: [], secrets: [], secretUses: [], missing: [] };

const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** What each component is told, by all its workloads together. */
export function configurations<C extends { workloads: readonly Workload[] }>(
  components: readonly C[],
  configMaps: readonly KubeObject[],
): (component: C) => Configuration {
  const maps = new Map(configMaps.map((object) => [keyOf(object), object]));
  const files: FileCache = new Map();
  const known = new Map<C, Configuration>();
  for (const component of components) {
    const each = component.workloads.map((workload) =>
      configurationOf(workload, (namespace, name) => maps.get(`${namespace}/${name}`), files),
    );
    known.set(component, {
      references: each.flatMap(({ references }) => references),
      settings: each.flatMap(({ settings }) => settings),
      secrets: distinct(each.flatMap(({ secrets }) => secrets)),
      secretUses: each.flatMap(({ secretUses }) => secretUses),
      missing: distinct(each.flatMap(({ missing }) => missing)),
    });
  }
  return (component) => known.get(component) ?? nothing;
}
