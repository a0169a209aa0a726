import type { KubeObject } from '../../sources/snapshot.ts';
import { pod, podSpec } from './decode.ts';
import { amount, at, fields, text } from './fields.ts';
import { isPlaceholder } from './placeholders.ts';
import type { Labels } from './selectors.ts';
import { isReady, type Pod, type PodSpec } from './types.ts';

/** What runs pods: the root owner found by walking ownerReferences, of whatever kind. */
export interface Workload {
  kind: string;
  namespace: string;
  name: string;
  /** Absent where only the pods name it: its own kind was not read. */
  object?: KubeObject;
  labels: Labels;
  annotations: Labels;
  podLabels: Labels;
  podAnnotations: Labels;
  spec: PodSpec;
  /** "spec.template.spec" or, for a pod, "spec": where the pod's spec stands, for evidence. */
  specPath: string;
  /** "spec.template.metadata" or, for a pod, "metadata". */
  metadataPath: string;
  /** Replicas wanted; undefined where nobody can tell. */
  wanted?: number;
  pods: Pod[];
  /** Labels of a copy that a rollout tool runs in its place: Services may select that one. */
  copy?: Labels;
}

export const workloadName = ({ kind, namespace, name }: Workload): string => `${kind} ${namespace}/${name}`;

export const readyPods = ({ pods }: Workload): Pod[] => pods.filter(isReady);

/** GroupResource ids of the kinds that hold a pod template, with what they are called. */
export const workloadParts = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicationcontrollers',
  'rollouts.argoproj.io',
  'services.serving.knative.dev',
  'deploymentconfigs.apps.openshift.io',
  'clonesets.apps.kruise.io',
  'statefulsets.apps.kruise.io',
  'daemonsets.apps.kruise.io',
] as const;

/** Whether it is one of Knative's serving, which runs pods as it sees fit. */
export const isKnative = (object: Pick<KubeObject, 'apiVersion'> | undefined): boolean =>
  object?.apiVersion.startsWith('serving.knative.dev/') ?? false;

const strings = (value: unknown): Labels =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

/** One where nothing is said; undefined where it is filled in later. */
const wantedBy = (replicas: unknown): number | undefined =>
  isPlaceholder(text(replicas) ?? '') ? undefined : (amount(replicas) ?? 1);

/** Knative connects to the port of a container that has one, or is alone, where it declares no readiness probe. */
const asKnativeRuns = (spec: PodSpec): PodSpec => ({
  ...spec,
  containers: spec.containers.map((container, _, { length }) =>
    length === 1 || (container.ports ?? []).length > 0
      ? { readinessProbe: { tcpSocket: {} }, ...container }
      : container,
  ),
});

function fromTemplate(object: KubeObject): Workload {
  const template = at(object, 'spec', 'template');
  const daemon = object.kind === 'DaemonSet';
  const wanted = daemon
    ? amount(at(object, 'status', 'desiredNumberScheduled'))
    : wantedBy(at(object, 'spec', 'replicas'));
  const knative = isKnative(object);
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    object,
    labels: object.metadata.labels ?? {},
    annotations: object.metadata.annotations ?? {},
    podLabels: strings(at(template, 'metadata', 'labels')),
    podAnnotations: strings(at(template, 'metadata', 'annotations')),
    spec: knative ? asKnativeRuns(podSpec(at(template, 'spec'))) : podSpec(at(template, 'spec')),
    specPath: 'spec.template.spec',
    metadataPath: 'spec.template.metadata',
    // A Knative service has as many pods as there are requests, which may be none.
    ...(wanted === undefined || knative ? {} : { wanted }),
    pods: [],
  };
}

const fromPods = (kind: string, name: string, first: Pod): Workload => ({
  kind,
  namespace: first.metadata.namespace ?? '',
  name,
  ...(kind === 'Pod' ? { object: first } : {}),
  labels: first.metadata.labels ?? {},
  annotations: kind === 'Pod' ? (first.metadata.annotations ?? {}) : {},
  podLabels: first.metadata.labels ?? {},
  podAnnotations: first.metadata.annotations ?? {},
  spec: first.spec,
  specPath: 'spec',
  metadataPath: 'metadata',
  pods: [],
});

interface Owner {
  kind: string;
  name: string;
  object?: KubeObject;
}

/** Kinds that lie between a pod and what people wrote. */
const between = [
  'replicasets.apps',
  'jobs.batch',
  'revisions.serving.knative.dev',
  'configurations.serving.knative.dev',
];

/** Every workload with its pods; jobs under the CronJob that makes them. */
export function findWorkloads(list: (part: string) => readonly KubeObject[]): Workload[] {
  const known = new Map<string, KubeObject>();
  const idOf = (kind: string, namespace: string | undefined, name: string): string =>
    `${kind} ${namespace ?? ''}/${name}`;
  for (const part of [...workloadParts, ...between, 'cronjobs.batch'])
    for (const object of list(part))
      known.set(idOf(object.kind, object.metadata.namespace, object.metadata.name), object);

  const rootOf = (start: KubeObject): Owner => {
    let owner: Owner = { kind: start.kind, name: start.metadata.name, object: start };
    const seen = new Set<KubeObject>([start]);
    while (owner.object) {
      const references = owner.object.metadata.ownerReferences ?? [];
      const next = references.find(({ controller }) => controller) ?? references[0];
      // A static pod is owned by its node: it is the workload itself.
      if (!next || next.kind === 'Node') return owner;
      // A deployment that an operator owns is what people see; who owns it is a matter of delivery.
      if (owner.object !== start && workloadKinds.has(owner.kind)) return owner;
      const object = known.get(idOf(next.kind, start.metadata.namespace, next.name));
      if (object && seen.has(object)) return owner;
      if (object) seen.add(object);
      owner = { kind: next.kind, name: next.name, ...(object ? { object } : {}) };
    }
    return withoutReplicaSet(owner, start);
  };

  const workloads = new Map<string, Workload>();
  for (const part of workloadParts)
    for (const object of list(part)) {
      const workload = fromTemplate(object);
      if (isMadeByAnother(object)) continue;
      workloads.set(idOf(workload.kind, workload.namespace, workload.name), workload);
    }
  for (const raw of list('pods')) {
    const shaped = pod(raw);
    // It has ended, or its node has: what is left of it runs nowhere and answers nobody.
    if (shaped.status?.phase === 'Succeeded' || shaped.status?.phase === 'Failed') continue;
    const root = rootOf(raw);
    const id = idOf(root.kind, raw.metadata.namespace, root.name);
    const workload = workloads.get(id) ?? fromPods(root.kind, root.name, shaped);
    if (root.object && !workload.object) workload.object = root.object;
    workload.pods.push(shaped);
    workloads.set(id, workload);
  }
  for (const part of ['jobs.batch', 'cronjobs.batch'])
    for (const object of list(part)) {
      const id = idOf(object.kind, object.metadata.namespace, object.metadata.name);
      const owned = (object.metadata.ownerReferences ?? []).length > 0;
      if (workloads.has(id) || owned) continue;
      const template =
        part === 'cronjobs.batch'
          ? at(object, 'spec', 'jobTemplate', 'spec', 'template')
          : at(object, 'spec', 'template');
      const podLabels = { ...jobLabels(object), ...strings(at(template, 'metadata', 'labels')) };
      workloads.set(id, { ...fromTemplate(object), podLabels, spec: podSpec(at(template, 'spec')) });
    }
  foldCanaries(workloads, idOf);
  for (const workload of workloads.values()) workload.pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return [...workloads.values()].sort(
    (a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.kind, b.kind),
  );
}

/** Flagger runs `orders-primary`, a copy of `orders`, and keeps `orders` for the next version: both are one workload. */
function foldCanaries(
  workloads: Map<string, Workload>,
  idOf: (kind: string, namespace: string, name: string) => string,
): void {
  for (const [id, copy] of workloads) {
    const made = (copy.object?.metadata.ownerReferences ?? []).some(
      ({ kind, apiVersion }) => kind === 'Canary' && apiVersion.startsWith('flagger.app/'),
    );
    if (!made || !copy.name.endsWith('-primary')) continue;
    const source = workloads.get(idOf(copy.kind, copy.namespace, copy.name.slice(0, -'-primary'.length)));
    if (!source) continue;
    source.pods.push(...copy.pods);
    source.copy = copy.podLabels;
    const wanted = (source.wanted ?? 0) + (copy.wanted ?? 0);
    if (source.wanted !== undefined || copy.wanted !== undefined) source.wanted = wanted;
    workloads.delete(id);
  }
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Kinds that people write; whoever owns one of them delivers it. */
const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'DeploymentConfig', 'CloneSet']);

/** Something between the pods and what people wrote: a revision's Deployment, a DeploymentConfig's ReplicationController. */
const isMadeByAnother = ({ kind, metadata }: KubeObject): boolean =>
  (metadata.ownerReferences ?? []).some(
    (owner) => (kind === 'Deployment' && isKnative(owner)) || (kind === 'ReplicationController' && owner.controller),
  );

/** What the job controller writes on the pods of a Job, whether or not any was seen. */
const jobLabels = ({ kind, metadata: { name } }: KubeObject): Labels =>
  kind === 'Job' ? { 'job-name': name, 'batch.kubernetes.io/job-name': name } : {};

/** Where what lies between could not be read, the pods still tell: by the hash, or by OpenShift's own label. */
function withoutReplicaSet(owner: Owner, start: KubeObject): Owner {
  const hash = start.metadata.labels?.['pod-template-hash'];
  const config = start.metadata.labels?.['deploymentconfig'];
  if (owner.kind === 'ReplicationController' && !owner.object && config)
    return { kind: 'DeploymentConfig', name: config };
  if (owner.kind !== 'ReplicaSet' || owner.object || !hash || !owner.name.endsWith(`-${hash}`)) return owner;
  return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
}
