/**
 * What is kept of an object beside its metadata. Everything that a check may show as evidence or conclude from must be
 * here; what is large and says nothing (volumes' details, affinities, histories) must not.
 */

const container = [
  'name',
  'image',
  'command',
  'args',
  'env',
  'envFrom',
  'ports',
  'readinessProbe',
  'livenessProbe',
  'startupProbe',
  'lifecycle',
  'resources',
  'restartPolicy',
  'volumeMounts.name',
  'volumeMounts.mountPath',
  'volumeMounts.subPath',
];
const volume = [
  'name',
  'hostPath',
  'configMap',
  'secret.secretName',
  'persistentVolumeClaim',
  'emptyDir.medium',
  // Every pod has one for its service account's token.
  'projected.sources.configMap.name',
  'projected.sources.secret.name',
];
const under = (parent: string, paths: readonly string[]) => paths.map((path) => `${parent}.${path}`);

const podSpec = [
  ...under('containers', container),
  ...under('initContainers', container),
  ...under('volumes', volume),
  'hostNetwork',
  'restartPolicy',
  'nodeSelector',
  'serviceAccountName',
  'terminationGracePeriodSeconds',
  'resources',
];
/** Of workloads only: every pod is given tolerations by the cluster. */
const podTemplate = [
  'metadata.labels',
  'metadata.annotations',
  ...under('spec', podSpec),
  'spec.tolerations',
  'spec.topologySpreadConstraints',
];
const conditions = ['type', 'status', 'reason', 'message', 'lastTransitionTime', 'observedGeneration'];

/** Without the messages: of a container that ended they may be its last lines of output. */
const state = [
  'state.running.startedAt',
  'state.waiting.reason',
  'state.terminated.reason',
  'state.terminated.exitCode',
];

export const pod = [
  ...under('spec', podSpec),
  'spec.nodeName',
  'status.phase',
  'status.podIP',
  'status.startTime',
  ...under('status.conditions', ['type', 'status', 'reason']),
  ...under('status.containerStatuses', ['name', 'ready', 'started', 'restartCount', ...state, 'image']),
  ...under('status.initContainerStatuses', ['name', 'ready', 'started', 'restartCount', ...state]),
];

export const workload = [
  ...under('spec.template', podTemplate),
  'spec.replicas',
  'spec.selector',
  'spec.serviceName',
  'spec.strategy',
  'spec.updateStrategy',
  'spec.minReadySeconds',
  'spec.paused',
  'spec.volumeClaimTemplates.metadata.name',
  'status.replicas',
  'status.updatedReplicas',
  'status.readyReplicas',
  'status.availableReplicas',
  'status.desiredNumberScheduled',
  'status.currentNumberScheduled',
  'status.numberReady',
  'status.observedGeneration',
  ...under('status.conditions', conditions),
];

export const job = [...under('spec.template', podTemplate), 'spec.suspend', ...under('status.conditions', conditions)];

export const cronJob = [...under('spec.jobTemplate.spec.template', podTemplate), 'spec.schedule', 'spec.suspend'];

export const node = [
  'spec.taints',
  'spec.unschedulable',
  'spec.providerID',
  ...under('status.conditions', ['type', 'status', 'reason']),
  'status.nodeInfo.kubeletVersion',
  'status.nodeInfo.operatingSystem',
  // Pod and cluster addresses written down as literals are told from those of nodes.
  'status.addresses',
];

export const endpointSlice = [
  'addressType',
  'ports',
  ...under('endpoints', ['addresses', 'conditions', 'nodeName']),
  ...under('endpoints.targetRef', ['kind', 'name', 'namespace']),
];

export const disruptionBudget = [
  'spec',
  ...under('status', ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']),
];

/** A custom resource: all of what was asked for, and of its status what says whether it was taken up. */
export const custom = [
  'spec',
  ...under('status.conditions', conditions),
  ...under('status.addresses', ['type', 'value']),
  'status.parents',
  'status.ancestors',
  'status.listeners',
  'status.loadBalancer',
  'status.observedGeneration',
  'status.currentMetrics',
  'status.currentReplicas',
  'status.desiredReplicas',
  'status.phase',
  'status.state',
];

/** Dapr and Kong put some of what others have in `spec` beside it. */
export const dapr = [...custom, 'scopes', 'auth.secretStore'];
export const kong = [
  'plugin',
  'config',
  'configFrom',
  'disabled',
  'upstream',
  'proxy',
  'route',
  ...under('status.conditions', conditions),
];

export const knative = [...custom, 'status.traffic', 'status.url', 'status.latestReadyRevisionName'];

export const argoApplication = [
  'spec',
  ...under('status.resources', ['group', 'version', 'kind', 'namespace', 'name', 'status']),
  ...under('status.resources.health', ['status']),
  ...under('status.sync', ['status', 'revision']),
  ...under('status.health', ['status', 'message']),
  ...under('status.operationState', ['phase']),
  ...under('status.conditions', conditions),
];

export const flux = [
  ...custom,
  'status.lastAppliedRevision',
  'status.lastAttemptedRevision',
  'status.lastHandledReconcileAt',
  'status.inventory.entries',
  'status.syncStatus',
];
