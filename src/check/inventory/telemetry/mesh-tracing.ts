import type { Evidence, GroupResource } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import { selects } from '../kubernetes/selectors.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import type { MeshKind } from '../technologies/sidecars.ts';
import { sidecarKind } from '../technologies/sidecars.ts';
import { hasSidecar } from '../traffic/mesh.ts';

/** What a mesh is told about spans of a service. */
export interface MeshTracing {
  disabled: boolean;
  evidence: Evidence;
}

const telemetries = 'telemetries.telemetry.istio.io';
const meshTraces = 'meshtraces.kuma.io';
const configurations = 'configurations.dapr.io';

/** What Istio's Telemetry says about spans of this service: the workload's own beats the namespace's, that the root's. */
function byTelemetry(component: Component, facts: Facts): MeshTracing | undefined {
  const rankOf = (telemetry: KubeObject): number => {
    const selector = at(telemetry, 'spec', 'selector');
    const own = telemetry.metadata.namespace === component.namespace;
    if (selector !== undefined)
      return own && component.workloads.some(({ podLabels }) => selects(selector, podLabels)) ? 3 : 0;
    return own ? 2 : telemetry.metadata.namespace === 'istio-system' ? 1 : 0;
  };
  const [best] = facts
    .list(telemetries)
    .map((telemetry) => ({ telemetry, rank: rankOf(telemetry) }))
    .filter(({ rank, telemetry }) => rank > 0 && items(at(telemetry, 'spec', 'tracing')).length > 0)
    .sort((a, b) => b.rank - a.rank);
  if (!best) return undefined;
  const tracing = items(at(best.telemetry, 'spec', 'tracing'));
  // Sampling nothing is not the same as switched off: an app's own sampled requests still pass.
  if (tracing.every((entry) => at(entry, 'randomSamplingPercentage') === 0)) return undefined;
  return {
    disabled: tracing.some((entry) => at(entry, 'disableSpanReporting') === true),
    evidence: { object: nameOf(best.telemetry), path: 'spec.tracing' },
  };
}

/** Istio's own configuration, where no Telemetry says anything. */
function byMeshConfig(facts: Facts): MeshTracing | undefined {
  const config = facts
    .list('configmaps')
    .find(({ metadata }) => metadata.namespace === 'istio-system' && /^istio(-.*)?$/.test(metadata.name));
  const mesh = text(at(config, 'data', 'mesh')) ?? '';
  return config && /^[ \t]*enableTracing:[ \t]*true[ \t\r]*$/m.test(mesh.slice(0, 65_536))
    ? { disabled: false, evidence: { object: nameOf(config), path: 'data.mesh', value: 'enableTracing: true' } }
    : undefined;
}

/** The Configuration that a Dapr app names, where it sends spans somewhere. */
function byConfiguration(component: Component, facts: Facts): MeshTracing | undefined {
  const names = component.workloads.map(({ podAnnotations }) => podAnnotations['dapr.io/config']);
  const found = facts
    .list(configurations)
    .find(({ metadata }) => metadata.namespace === component.namespace && names.includes(metadata.name));
  const tracing = at(found, 'spec', 'tracing');
  const sent = at(tracing, 'zipkin', 'endpointAddress') ?? at(tracing, 'otel', 'endpointAddress');
  return found && sent !== undefined && Number(at(tracing, 'samplingRate') ?? 0) > 0
    ? { disabled: false, evidence: { object: nameOf(found), path: 'spec.tracing' } }
    : undefined;
}

/** What Linkerd's injector wrote into a live pod: no object says it, since it belongs to the control plane's values. */
function byProxyVariable(component: Component): MeshTracing | undefined {
  for (const pod of component.workloads.flatMap(({ pods }) => pods))
    for (const field of ['containers', 'initContainers'] as const)
      for (const [index, { name, env = [] }] of (pod.spec[field] ?? []).entries()) {
        const found = env.findIndex((variable) => variable.name === 'LINKERD2_PROXY_TRACE_COLLECTOR_SVC_ADDR');
        const { value } = env[found] ?? {};
        if (sidecarKind(name) === 'linkerd' && value)
          return {
            disabled: false,
            evidence: { object: nameOf(pod), path: `spec.${field}[${index}].env[${found}]`, value },
          };
      }
  return undefined;
}

const isTrue = (value: string | undefined): boolean => /^(true|t|yes|y|on|1)$/i.test(value ?? '');

/** Dapr is asked for and would make spans, and no pod that was seen has its sidecar: what proves it. */
export function daprMissing(component: Component, facts: Facts): Evidence[] | undefined {
  const asked = component.workloads.find(({ podAnnotations }) => isTrue(podAnnotations['dapr.io/enabled']));
  const traced = asked && byConfiguration(component, facts);
  const pods = component.workloads.flatMap((workload) => workload.pods);
  const injected = pods.some(({ spec }) =>
    [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => sidecarKind(name) === 'dapr'),
  );
  if (!asked || !traced || pods.length === 0 || injected) return undefined;
  return [
    { object: workloadName(asked), path: `${asked.metadataPath}.annotations["dapr.io/enabled"]`, value: 'true' },
    traced.evidence,
  ];
}

/** One row a mesh: what says that its proxies make spans for a service. */
const meshes: readonly {
  mesh: MeshKind;
  parts: readonly GroupResource[];
  tracing(component: Component, facts: Facts): MeshTracing | undefined;
}[] = [
  {
    mesh: 'istio',
    parts: [telemetries],
    tracing: (component, facts) => byTelemetry(component, facts) ?? byMeshConfig(facts),
  },
  {
    mesh: 'kuma',
    parts: [meshTraces],
    tracing: (_, facts) => {
      const found = facts.list(meshTraces).find((trace) => items(at(trace, 'spec', 'default', 'backends')).length > 0);
      return found && { disabled: false, evidence: { object: nameOf(found), path: 'spec.default.backends' } };
    },
  },
  {
    mesh: 'dapr',
    parts: [configurations],
    tracing: byConfiguration,
  },
  {
    mesh: 'linkerd',
    parts: [],
    tracing: byProxyVariable,
  },
];

export const meshTracingParts: readonly GroupResource[] = meshes.flatMap(({ parts }) => parts);

/** Whether a mesh's proxy beside it makes spans, or is told to make none; undefined where nothing says so. */
export const meshTracing = (component: Component, facts: Facts): MeshTracing | undefined =>
  meshes.flatMap(({ mesh, tracing }) => (hasSidecar(component, mesh) ? (tracing(component, facts) ?? []) : []))[0];
