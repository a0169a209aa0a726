import type { Evidence, GroupResource } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Party } from '../graph/components.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import { selects } from '../kubernetes/selectors.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { sidecarKind } from '../technologies/sidecars.ts';
import { hasSidecar, type MeshKind } from '../traffic/mesh.ts';

export interface MeshTracing {
  disabled: boolean;
  evidence: Evidence;
}

const telemetries = 'telemetries.telemetry.istio.io';
const meshTraces = 'meshtraces.kuma.io';
const configurations = 'configurations.dapr.io';

/** What Istio's Telemetry says about spans of this service: the workload's own beats the namespace's, that the root's. */
function byTelemetry(party: Party, facts: Facts): MeshTracing | undefined {
  const rankOf = (telemetry: KubeObject): number => {
    const selector = at(telemetry, 'spec', 'selector');
    const own = telemetry.metadata.namespace === party.namespace;
    if (selector !== undefined)
      return own && party.workloads.some(({ podLabels }) => selects(selector, podLabels)) ? 3 : 0;
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
  return config && /^\s*enableTracing:\s*true\s*$/m.test(mesh.slice(0, 65_536))
    ? { disabled: false, evidence: { object: nameOf(config), path: 'data.mesh', value: 'enableTracing: true' } }
    : undefined;
}

/** The Configuration that a Dapr app names, where it sends spans somewhere. */
function byConfiguration(party: Party, facts: Facts): MeshTracing | undefined {
  const names = party.workloads.map(({ podAnnotations }) => podAnnotations['dapr.io/config']);
  const found = facts
    .list(configurations)
    .find(({ metadata }) => metadata.namespace === party.namespace && names.includes(metadata.name));
  const tracing = at(found, 'spec', 'tracing');
  const sent = at(tracing, 'zipkin', 'endpointAddress') ?? at(tracing, 'otel', 'endpointAddress');
  return found && sent !== undefined && Number(at(tracing, 'samplingRate') ?? 0) > 0
    ? { disabled: false, evidence: { object: nameOf(found), path: 'spec.tracing' } }
    : undefined;
}

/** What Linkerd's injector wrote into a live pod: no object says it, since it belongs to the control plane's values. */
function byProxyVariable(party: Party): MeshTracing | undefined {
  for (const pod of party.workloads.flatMap(({ pods }) => pods))
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
export function daprMissing(party: Party, facts: Facts): Evidence[] | undefined {
  const asked = party.workloads.find(({ podAnnotations }) => isTrue(podAnnotations['dapr.io/enabled']));
  const traced = asked && byConfiguration(party, facts);
  const pods = party.workloads.flatMap((workload) => workload.pods);
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
  tracing(party: Party, facts: Facts): MeshTracing | undefined;
}[] = [
  {
    mesh: 'istio',
    parts: [telemetries],
    tracing: (party, facts) => byTelemetry(party, facts) ?? byMeshConfig(facts),
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
export const meshTracing = (party: Party, facts: Facts): MeshTracing | undefined =>
  meshes.flatMap(({ mesh, tracing }) => (hasSidecar(party, mesh) ? (tracing(party, facts) ?? []) : []))[0];
