import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, condition, items, text } from '../kubernetes/fields.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { argoApplicationOf, argoApplications, isOfAnotherCluster } from './argo-applications.ts';

/** Where Flux says what it applies. */
export const kustomizations = 'kustomizations.kustomize.toolkit.fluxcd.io';

/** An object by its names: a workload, or a custom resource that makes one. */
export type Listed = Pick<Workload, 'kind' | 'namespace' | 'name'>;

/** A tool that puts back what is written down. */
export interface Reconciler {
  name: string;
  part: string;
  /** Namespace and name of the owning object, as the workload's own marks say; undefined: not this one. */
  owner(workload: Workload, facts: Facts): { namespace?: string; name: string; path: string } | undefined;
  /** What keeps it from working, or undefined. `listed` is what it should list: the workload, or what makes it. */
  trouble(owner: KubeObject, listed: Listed): string | undefined;
  /** It is on its way from one state to the next. */
  isAtWork?(owner: KubeObject): boolean;
  /** It says itself that it delivers to another cluster, by an address that may be one of this one. */
  isElsewhere?(owner: KubeObject): boolean;
}

/** A label, or the annotation of that name. */
export const mark = (workload: Workload, key: string): string | undefined =>
  workload.labels[key] ?? workload.annotations[key];

const byLabels =
  (prefix: string) =>
  (workload: Workload): { namespace?: string; name: string; path: string } | undefined => {
    const name = workload.labels[`${prefix}/name`];
    const namespace = workload.labels[`${prefix}/namespace`];
    return name ? { name, ...(namespace ? { namespace } : {}), path: `metadata.labels["${prefix}/name"]` } : undefined;
  };

const isPaused = (owner: KubeObject): boolean =>
  at(owner, 'spec', 'suspend') === true || at(owner, 'spec', 'paused') === true;

const readiness = ['Ready', 'ReconcileSucceeded'];

/** What every object of Flux says while it reconciles, and kapp-controller in its own word. */
export const isReconciling = (owner: KubeObject): boolean =>
  !isPaused(owner) &&
  (items(at(owner, 'status', 'conditions')).some(
    (each) => readiness.includes(text(at(each, 'type')) ?? '') && at(each, 'status') === 'Unknown',
  ) ||
    (readiness.every((type) => condition(owner['status'], type) === undefined) &&
      condition(owner['status'], 'Reconciling') === true));

/** What keeps an object of Flux, Fleet or kapp-controller from working. */
export const notReady = (owner: KubeObject): string | undefined => {
  if (isPaused(owner)) return 'it is suspended';
  const ready = readiness.map((type) => condition(owner['status'], type)).find((found) => found !== undefined);
  return ready === true
    ? undefined
    : ready === false
      ? 'it is not ready'
      : 'it has no Ready condition: no controller has taken it up';
};

const sameResource = (resource: unknown, { kind, namespace, name }: Listed): boolean =>
  at(resource, 'kind') === kind &&
  at(resource, 'name') === name &&
  (text(at(resource, 'namespace')) ?? namespace) === namespace;

const isAutomated = (application: KubeObject): boolean => {
  const automated = at(application, 'spec', 'syncPolicy', 'automated');
  return automated !== undefined && at(automated, 'enabled') !== false;
};

/** Between one state of the repository and the next, which nobody has to ask for. */
export const isSyncing = (application: KubeObject): boolean =>
  at(application, 'status', 'operationState', 'phase') === 'Running' &&
  at(application, 'status', 'sync', 'status') === 'OutOfSync' &&
  isAutomated(application);

/** What keeps an Application from delivering what it should. */
export function troubleOfApplication(application: KubeObject, listed: Listed): string | undefined {
  const resources = items(at(application, 'status', 'resources'));
  if (!resources.some((resource) => sameResource(resource, listed))) return 'its status does not list this object';
  const sync = text(at(application, 'status', 'sync', 'status'));
  if (sync !== 'Synced') return `it is ${sync ?? 'not synced'}`;
  if (!isAutomated(application)) return 'it syncs only when somebody asks (no automated sync policy)';
  const health = text(at(application, 'status', 'health', 'status'));
  return health === 'Degraded' || health === 'Missing' ? `its health is ${health}` : undefined;
}

/** One row each. */
export const reconcilers: readonly Reconciler[] = [
  {
    name: 'Argo CD',
    part: argoApplications,
    owner: (workload, facts) => {
      const tracking = workload.annotations['argocd.argoproj.io/tracking-id'];
      if (tracking) {
        const [application = ''] = tracking.split(':', 1);
        const slash = application.indexOf('_');
        return {
          name: slash < 0 ? application : application.slice(slash + 1),
          ...(slash < 0 ? {} : { namespace: application.slice(0, slash) }),
          path: 'metadata.annotations["argocd.argoproj.io/tracking-id"]',
        };
      }
      // `app.kubernetes.io/instance` is set by Helm charts too: only an Application that lists the object proves it.
      const listing = argoApplicationOf(workload, facts);
      return listing && { name: listing.metadata.name, namespace: listing.metadata.namespace ?? '', path: 'metadata' };
    },
    trouble: troubleOfApplication,
    isAtWork: isSyncing,
    isElsewhere: isOfAnotherCluster,
  },
  {
    name: 'Flux Kustomization',
    part: kustomizations,
    owner: byLabels('kustomize.toolkit.fluxcd.io'),
    trouble: notReady,
    isAtWork: isReconciling,
  },
  {
    name: 'Flux HelmRelease',
    part: 'helmreleases.helm.toolkit.fluxcd.io',
    owner: byLabels('helm.toolkit.fluxcd.io'),
    trouble: notReady,
    isAtWork: isReconciling,
  },
  {
    name: 'Fleet',
    part: 'bundledeployments.fleet.cattle.io',
    owner: (workload) => {
      const name = workload.annotations['objectset.rio.cattle.io/owner-name'];
      return name ? { name, path: 'metadata.annotations["objectset.rio.cattle.io/owner-name"]' } : undefined;
    },
    trouble: notReady,
    isAtWork: isReconciling,
  },
  ...(['rootsyncs', 'reposyncs'] as const).map(
    (plural): Reconciler => ({
      name: 'Config Sync',
      part: `${plural}.configsync.gke.io`,
      // A root's manager is called `:root`, a namespace's by that namespace.
      owner: (workload) => {
        const manager = workload.annotations['configsync.gke.io/manager'] ?? ':root';
        if (workload.annotations['configmanagement.gke.io/managed'] !== 'enabled') return undefined;
        const isRoot = manager.startsWith(':root');
        if (isRoot !== (plural === 'rootsyncs')) return undefined;
        const [namespace, name = isRoot ? 'root-sync' : 'repo-sync'] = isRoot
          ? ['config-management-system', manager.split('_', 2)[1]]
          : manager.split('_', 2);
        return { name, ...(namespace ? { namespace } : {}), path: 'metadata.annotations["configsync.gke.io/manager"]' };
      },
      trouble: (sync) =>
        condition(sync['status'], 'Stalled') === true
          ? 'it is stalled'
          : condition(sync['status'], 'Syncing') === undefined
            ? 'it has no Syncing condition: no controller has taken it up'
            : undefined,
    }),
  ),
  {
    name: 'kapp-controller',
    part: 'apps.kappctrl.k14s.io',
    owner: (workload) => {
      const identity = workload.annotations['kapp.k14s.io/identity'];
      const app = mark(workload, 'kapp.k14s.io/app');
      return identity && app ? { name: app, path: 'metadata.labels["kapp.k14s.io/app"]' } : undefined;
    },
    trouble: notReady,
    isAtWork: isReconciling,
  },
];
