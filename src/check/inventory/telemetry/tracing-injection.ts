import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Labels } from '../kubernetes/selectors.ts';
import type { Pod } from '../kubernetes/types.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { sidecarKind } from '../technologies/sidecars.ts';

/** That an annotation asks for tracing to be put into the pods, and whether it was; undefined where no pod tells. */
export interface Injection {
  injector: Injector;
  asked: Evidence;
  done: boolean | undefined;
  /** It stands on the workload itself, where no injector looks: they see pods alone. */
  misplaced?: true;
}

/** A program that puts tracing into pods that ask for it by an annotation. */
export interface Injector {
  name: string;
  key: RegExp;
  /** Whether a namespace may ask for all of its pods. */
  byNamespace: boolean;
  injected(pod: Pod): boolean;
  /** Why pods are not injected where it is installed, and what to do. */
  perhaps: string;
  fix: string;
}

const withPart =
  (pattern: RegExp) =>
  ({ spec }: Pod): boolean =>
    [...(spec.initContainers ?? []), ...(spec.volumes ?? [])].some(({ name }) => pattern.test(name));

const marks = /^OTEL_(NODE_)?RESOURCE_ATTRIBUTES_POD_NAME$/;

/** One row an injector: what asks for it, and what only it puts into a pod. */
export const injectors: readonly Injector[] = [
  {
    name: 'OpenTelemetry’s injection',
    key: /^instrumentation\.opentelemetry\.io\/inject-(java|nodejs|python|dotnet|go|sdk|apache-httpd|nginx)$/,
    byNamespace: true,
    injected: (pod) =>
      withPart(/^opentelemetry-auto-instrumentation/)(pod) ||
      pod.spec.containers.some(
        ({ name, env = [] }) => sidecarKind(name) === 'opentelemetry' || env.some((each) => marks.test(each.name)),
      ),
    perhaps: 'they started before the operator, or no Instrumentation matches',
    fix: 'See that the operator runs and an Instrumentation exists in the namespace, then restart: kubectl rollout restart.',
  },
  {
    name: 'a sidecar of OpenTelemetry’s operator',
    key: /^sidecar\.opentelemetry\.io\/inject$/,
    byNamespace: true,
    injected: ({ spec }) =>
      [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => sidecarKind(name) === 'opentelemetry'),
    perhaps: 'they started before the operator, or no OpenTelemetryCollector with mode sidecar matches',
    fix: 'See that the operator runs and an OpenTelemetryCollector with mode sidecar exists in the namespace, then restart: kubectl rollout restart.',
  },
  {
    name: 'Datadog’s injection',
    key: /^admission\.datadoghq\.com\/(java|js|python|dotnet|ruby|php)-lib\.version$/,
    byNamespace: false,
    injected: withPart(/^datadog-(lib-|init-apm|auto-instrumentation)/),
    perhaps: 'they started before Datadog’s cluster agent, or that injects nothing into them',
    fix: 'See that Datadog’s cluster agent runs with its admission controller on and the pods carry admission.datadoghq.com/enabled: "true", then restart: kubectl rollout restart.',
  },
];

const namespaces = perRun((facts) => new Map(facts.list('namespaces').map((each) => [each.metadata.name, each])));

const isAsked = (value: string): boolean => value !== '' && value.toLowerCase() !== 'false';

/** What asks for injection, of each injector at most once; only the live pods say whether it was done. */
export function injectionsOf(component: Component, facts: Facts): Injection[] {
  const pods = component.workloads.flatMap((workload) => workload.pods);
  return injectors.flatMap((injector) => {
    const asked = askedBy(injector, component, facts);
    const beside = asked ? undefined : misplaced(injector, component);
    if (!asked && !beside) return [];
    const done = pods.length === 0 ? undefined : pods.every(injector.injected);
    if (asked) return [{ injector, asked, done }];
    return beside && done === false ? [{ injector, asked: beside, done, misplaced: true }] : [];
  });
}

const asking = (key: RegExp, object: string, path: string, annotations: Labels): Evidence | undefined => {
  const found = Object.entries(annotations).find(([name, value]) => key.test(name) && isAsked(value));
  return found && { object, path: `${path}["${found[0]}"]`, value: found[1] };
};

/** The annotation one level too high: in the metadata of a Deployment instead of its pod template’s. */
const misplaced = ({ key }: Injector, { workloads }: Component): Evidence | undefined =>
  workloads
    .filter(({ metadataPath, podAnnotations }) => {
      const isTemplate = metadataPath !== 'metadata';
      return isTemplate && !Object.keys(podAnnotations).some((name) => key.test(name));
    })
    .flatMap((workload) => asking(key, workloadName(workload), 'metadata.annotations', workload.annotations) ?? [])[0];

function askedBy({ key, byNamespace }: Injector, component: Component, facts: Facts): Evidence | undefined {
  const ofPods = (workload: Workload): Evidence | undefined =>
    asking(key, workloadName(workload), `${workload.metadataPath}.annotations`, workload.podAnnotations);
  const own = component.workloads.flatMap((workload) => ofPods(workload) ?? [])[0];
  if (own || !byNamespace) return own;
  // A pod that says no is left out of what its namespace asks for.
  const refuses = component.workloads.some(({ podAnnotations }) =>
    Object.entries(podAnnotations).some(([name, value]) => key.test(name) && !isAsked(value)),
  );
  const namespace = namespaces(facts).get(component.namespace);
  return refuses
    ? undefined
    : asking(key, `Namespace ${component.namespace}`, 'metadata.annotations', namespace?.metadata.annotations ?? {});
}
