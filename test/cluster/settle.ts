import type { Api, Json } from './api.ts';
import { behaviourOf } from './pod-status.ts';

/**
 * Waits until the controllers have nothing left to do: every workload rolled out as far as its pods let it, every pod
 * reported, every selected pod in its Service's slices.
 */
export async function settle(
  cluster: Api,
  { namespace, timeout = 120_000 }: { namespace?: string; timeout?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const waiting = await unsettled(cluster, namespace);
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new Error(`not settled after ${timeout} ms: ${waiting.slice(0, 10).join('; ')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function unsettled(cluster: Api, namespace: string | undefined): Promise<string[]> {
  const where = namespace ? `/namespaces/${namespace}` : '';
  const list = async (group: string, plural: string): Promise<Json[]> =>
    (await cluster.get(`${group}${where}/${plural}`)).items;
  const [deployments, replicaSets, controllers, statefulSets, daemonSets, jobs, pods, services, slices] =
    await Promise.all([
      list('/apis/apps/v1', 'deployments'),
      list('/apis/apps/v1', 'replicasets'),
      list('/api/v1', 'replicationcontrollers'),
      list('/apis/apps/v1', 'statefulsets'),
      list('/apis/apps/v1', 'daemonsets'),
      list('/apis/batch/v1', 'jobs'),
      list('/api/v1', 'pods'),
      list('/api/v1', 'services'),
      list('/apis/discovery.k8s.io/v1', 'endpointslices'),
    ] as const);
  const owned = podsByOwner(pods);
  const isOfDeployment = (set: Json) =>
    set.metadata.ownerReferences?.some((owner: Json) => owner.kind === 'Deployment');
  const replicaSetOf = (deployment: Json) =>
    replicaSets.filter((set) => set.metadata.ownerReferences?.[0]?.uid === deployment.metadata.uid);
  return [
    ...deployments.filter((one) => !isRolledOut(one, replicaSetOf(one), owned)).map(named('Deployment')),
    ...[...replicaSets, ...controllers]
      .filter((one) => !isOfDeployment(one) && !isFilled(one, owned))
      .map(named('ReplicaSet or ReplicationController')),
    ...statefulSets.filter((one) => !isFilled(one, owned)).map(named('StatefulSet')),
    ...daemonSets.filter((one) => !isOnItsNodes(one, owned)).map(named('DaemonSet')),
    ...jobs.filter((one) => !isEnded(one, owned)).map(named('Job')),
    ...pods.filter((pod) => !isReported(pod)).map(named('Pod')),
    ...services.filter((service) => !isSliced(service, pods, slices)).map(named('Service')),
  ];
}

const named = (kind: string) => (object: Json) => `${kind} ${object.metadata.namespace}/${object.metadata.name}`;

function podsByOwner(pods: Json[]): Map<string, Json[]> {
  const owned = new Map<string, Json[]>();
  for (const pod of pods) {
    for (const { uid } of pod.metadata.ownerReferences ?? []) owned.set(uid, [...(owned.get(uid) ?? []), pod]);
  }
  return owned;
}

const isSeen = (object: Json) => (object.status?.observedGeneration ?? 0) >= object.metadata.generation;
const hasCondition = (object: Json, type: string) =>
  object.status?.conditions?.some((c: Json) => c.type === type && c.status === 'True') ?? false;
const isReady = (pod: Json) => hasCondition(pod, 'Ready');
/** For good: what a new namespace refuses until its ServiceAccount is there, is tried again. */
const isRefused = (object: Json) =>
  hasCondition(object, 'ReplicaFailure') &&
  !object.status.conditions.some((c: Json) => /serviceaccount "default" not found/.test(c.message ?? ''));
const hasEnded = (pod: Json) => ['Succeeded', 'Failed'].includes(pod.status?.phase);
const mayBeReady = (pods: Json[]) => pods.every((pod) => behaviourOf(pod) === 'ready' && !isUnschedulable(pod));

function isRolledOut(deployment: Json, sets: Json[], owned: Map<string, Json[]>): boolean {
  if (!isSeen(deployment)) return false;
  if (deployment.spec.paused || isRefused(deployment)) return true;
  const wanted = deployment.spec.replicas;
  const podsOf = (set: Json) => (owned.get(set.metadata.uid) ?? []).filter((pod) => !hasEnded(pod));
  if (!sets.every((set) => podsOf(set).length === set.spec.replicas)) return false;
  const pods = sets.flatMap(podsOf);
  const { updatedReplicas = 0, replicas = 0, readyReplicas = 0, availableReplicas = 0 } = deployment.status;
  if (!mayBeReady(pods)) return updatedReplicas > 0 && readyReplicas === pods.filter(isReady).length;
  return (
    updatedReplicas === wanted &&
    replicas === wanted &&
    readyReplicas === wanted &&
    (availableReplicas === wanted || deployment.spec.minReadySeconds > 0)
  );
}

function isFilled(set: Json, owned: Map<string, Json[]>): boolean {
  if (!isSeen(set)) return false;
  const pods = (owned.get(set.metadata.uid) ?? []).filter((pod) => !hasEnded(pod));
  const { replicas = 0, readyReplicas = 0 } = set.status;
  if (!mayBeReady(pods)) {
    // In order, the first that does not get ready keeps the rest from being made.
    const due = set.spec.podManagementPolicy === 'Parallel' ? set.spec.replicas : 1;
    return pods.length >= due && readyReplicas === pods.filter(isReady).length;
  }
  return replicas === set.spec.replicas && readyReplicas === set.spec.replicas;
}

function isOnItsNodes(set: Json, owned: Map<string, Json[]>): boolean {
  if (!isSeen(set)) return false;
  const pods = owned.get(set.metadata.uid) ?? [];
  const { desiredNumberScheduled = 0, numberReady = 0 } = set.status;
  return pods.length === desiredNumberScheduled && numberReady === pods.filter(isReady).length;
}

// `SuccessCriteriaMet` and `FailureTarget` come first, while the pods that ended are not counted yet.
function isEnded(job: Json, owned: Map<string, Json[]>): boolean {
  if (job.spec.suspend) return true;
  const pods = owned.get(job.metadata.uid) ?? [];
  return (
    pods.some((pod) => behaviourOf(pod) !== 'done') || hasCondition(job, 'Complete') || hasCondition(job, 'Failed')
  );
}

const isUnschedulable = (pod: Json) =>
  pod.status?.conditions?.some(
    (c: Json) => c.type === 'PodScheduled' && c.status === 'False' && c.reason === 'Unschedulable',
  );
const isReported = (pod: Json) =>
  !pod.metadata.deletionTimestamp && (isUnschedulable(pod) || Boolean(pod.status?.podIP));

function isSliced(service: Json, pods: Json[], slices: Json[]): boolean {
  const { selector, type } = service.spec;
  if (!selector || type === 'ExternalName') return true;
  const { namespace, name } = service.metadata;
  const selected = pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      pod.status?.podIP &&
      !hasEnded(pod) &&
      Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
  const endpoints = slices
    .filter(
      (slice) =>
        slice.metadata.namespace === namespace && slice.metadata.labels?.['kubernetes.io/service-name'] === name,
    )
    .flatMap((slice) => slice.endpoints ?? [])
    // Those of a slice that somebody wrote by hand are no pods.
    .filter((endpoint: Json) => endpoint.targetRef);
  const readyIn = new Map(endpoints.map((endpoint: Json) => [endpoint.targetRef?.uid, endpoint.conditions?.ready]));
  return (
    new Set(readyIn.keys()).size === selected.length &&
    selected.every(
      (pod) => readyIn.get(pod.metadata.uid) === (service.spec.publishNotReadyAddresses || Boolean(isReady(pod))),
    )
  );
}
