import { parse } from 'yaml';
import { groupBy } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import { type Setting, settingsOf } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at, fields } from '../kubernetes/fields.ts';
import { keyOf, nameOf, type PodSpec } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { isAlloy } from './alloy.ts';
import type { ContainerBeside } from './beside.ts';

/** A collector's configuration: parsed YAML, or the text of Alloy's language. */
export interface Document {
  document: unknown;
  object: string;
  path: string;
  /** Variables of the containers, which the configuration may name. */
  variables: ReadonlyMap<string, string>;
}

const custom = 'opentelemetrycollectors.opentelemetry.io';
const none: ReadonlyMap<string, string> = new Map();
const mapsByName = perRun((facts) => new Map(facts.list('configmaps').map((map) => [keyOf(map), map])));
const customByNamespace = perRun((facts) => groupBy(facts.list(custom), ({ metadata }) => metadata.namespace ?? ''));

/** Everything that may be the configuration of a collector. */
export function* documentsOf(component: Component, facts: Facts): Generator<Document> {
  const names = [component.name, ...component.workloads.map(({ name }) => name)];
  for (const resource of customByNamespace(facts).get(component.namespace) ?? [])
    if (names.includes(`${resource.metadata.name}-collector`)) yield* ofResource(resource);
  const { settings } = facts.configuration(component);
  for (const { spec } of component.workloads) yield* ofVolumes(spec, component.namespace, settings, facts);
  yield* ofSettings(settings, component.namespace, component.key);
}

/** The same for a collector in somebody's pod, which an operator may have put there. */
export function* documentsBeside(beside: ContainerBeside, facts: Facts): Generator<Document> {
  const { container, spec, path, namespace, object, workload } = beside;
  const { list } = settingsOf(container, spec, path, namespace, (space, name) =>
    mapsByName(facts).get(`${space}/${name}`),
  );
  const own = [...ofSettings(list, namespace, object)];
  yield* own;
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  const volumes = (spec.volumes ?? []).filter(({ name }) => mounted.has(name));
  yield* ofVolumes({ ...spec, volumes }, namespace, list, facts);
  const asked = workload.podAnnotations['sidecar.opentelemetry.io/inject'];
  if (own.length > 0 || asked === undefined) return;
  const sidecars = (customByNamespace(facts).get(namespace) ?? []).filter(
    (resource) => at(resource, 'spec', 'mode') === 'sidecar',
  );
  const named = sidecars.filter(({ metadata }) => metadata.name === asked);
  for (const resource of named.length > 0 ? named : sidecars.length === 1 ? sidecars : []) yield* ofResource(resource);
}

function* ofResource(resource: KubeObject): Generator<Document> {
  const config = at(resource, 'spec', 'config');
  // v1alpha1 holds it as text, v1beta1 as an object.
  const document = typeof config === 'string' ? understood(config) : config;
  if (document !== undefined) yield { document, object: nameOf(resource), path: 'spec.config', variables: none };
}

/** An init container may fill the configuration in: every ConfigMap of the pod counts, whoever mounts it. */
function* ofVolumes(
  { volumes = [] }: PodSpec,
  namespace: string,
  settings: readonly Setting[],
  facts: Facts,
): Generator<Document> {
  const names = volumes.flatMap(({ configMap, projected }) => [
    configMap?.name,
    ...(projected?.sources ?? []).map((source) => source.configMap?.name),
  ]);
  for (const name of new Set(names)) {
    const map = name && mapsByName(facts).get(`${namespace}/${name}`);
    if (!map) continue;
    for (const [key, value] of Object.entries(fields(map['data'])))
      yield* ofText(value, nameOf(map), `data.${key}`, variablesIn(settings));
  }
}

function* ofSettings(settings: readonly Setting[], namespace: string, holder: string): Generator<Document> {
  for (const { source, value, configMap, path } of settings)
    if (source !== 'file')
      yield* ofText(value, configMap ? `ConfigMap ${namespace}/${configMap}` : holder, path, variablesIn(settings));
}

function* ofText(
  value: unknown,
  object: string,
  path: string,
  variables: ReadonlyMap<string, string>,
): Generator<Document> {
  if (typeof value !== 'string') return;
  if (isAlloy(value)) yield { document: value, object, path, variables };
  else if (value.includes('pipelines')) {
    const document = understood(value);
    if (typeof document === 'object' && document !== null) yield { document, object, path, variables };
  }
}

const variablesIn = (settings: readonly Setting[]): ReadonlyMap<string, string> =>
  new Map(settings.filter(({ source }) => source === 'variable').map(({ name, value }) => [name, value]));

const placeholder = /\{\{[^{}\n]{0,200}\}\}|\$\{[^{}\n]{0,200}\}/g;

function understood(source: string): unknown {
  if (source.length > 512 * 1024) return undefined;
  try {
    // Templates are filled by an init container or a chart: what stands in the gap does not matter here.
    return parse(source.replace(/^yaml:/, '').replace(placeholder, 'placeholder'), {
      maxAliasCount: 50,
      logLevel: 'silent',
      uniqueKeys: false,
    });
  } catch {
    return undefined;
  }
}
