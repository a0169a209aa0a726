import type { Evidence } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, condition, fields, items, text } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';

/** Who puts a workload there, and whether that works. */
export interface Delivery {
  /** managed: a reconciler or release owns it and works · impaired: it owns it and does not · nobody: no such sign. */
  state: 'managed' | 'impaired' | 'nobody' | 'unclear';
  reason:
    | 'RECONCILED'
    | 'HELM_RELEASE'
    | 'OWNER_ABSENT'
    | 'OWNER_IMPAIRED'
    | 'OWNED_BY_A_RESOURCE'
    | 'MANAGED_BY_LABEL_ONLY'
    | 'NOBODY_MANAGES_IT'
    | 'NOT_READ';
  message: string;
  fix: string;
  evidence: Evidence[];
  gaps: string[];
}

interface Reconciler {
  name: string;
  part: string;
  /** Namespace and name of the owning object, as the workload's own marks say; undefined: not this one. */
  owner(workload: Workload, facts: Facts): { namespace?: string; name: string; path: string } | undefined;
  /** What keeps it from working, or undefined. */
  trouble(owner: KubeObject, workload: Workload): string | undefined;
}

const mark = (workload: Workload, key: string): string | undefined => workload.labels[key] ?? workload.annotations[key];

const byLabels =
  (prefix: string) =>
  (workload: Workload): { namespace?: string; name: string; path: string } | undefined => {
    const name = workload.labels[`${prefix}/name`];
    const namespace = workload.labels[`${prefix}/namespace`];
    return name ? { name, ...(namespace ? { namespace } : {}), path: `metadata.labels["${prefix}/name"]` } : undefined;
  };

const notReady = (owner: KubeObject): string | undefined => {
  if (at(owner, 'spec', 'suspend') === true || at(owner, 'spec', 'paused') === true) return 'it is suspended';
  const ready = condition(owner['status'], 'Ready') ?? condition(owner['status'], 'ReconcileSucceeded');
  return ready === true
    ? undefined
    : ready === false
      ? 'it is not ready'
      : 'it has no Ready condition: no controller has taken it up';
};

const sameResource = (resource: unknown, workload: Workload): boolean =>
  at(resource, 'kind') === workload.kind &&
  at(resource, 'name') === workload.name &&
  (text(at(resource, 'namespace')) ?? workload.namespace) === workload.namespace;

/** Tools that put back what is written down, one row each. */
const reconcilers: readonly Reconciler[] = [
  {
    name: 'Argo CD',
    part: 'applications.argoproj.io',
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
      const listing = facts
        .list('applications.argoproj.io')
        .find((application) =>
          items(at(application, 'status', 'resources')).some((resource) => sameResource(resource, workload)),
        );
      return listing && { name: listing.metadata.name, namespace: listing.metadata.namespace ?? '', path: 'metadata' };
    },
    trouble: (application, workload) => {
      const resources = items(at(application, 'status', 'resources'));
      if (!resources.some((resource) => sameResource(resource, workload)))
        return 'its status does not list this object';
      if (at(application, 'status', 'sync', 'status') !== 'Synced')
        return `it is ${text(at(application, 'status', 'sync', 'status')) ?? 'not synced'}`;
      const automated = at(application, 'spec', 'syncPolicy', 'automated');
      if (automated === undefined || at(automated, 'enabled') === false)
        return 'it syncs only when somebody asks (no automated sync policy)';
      const health = text(at(application, 'status', 'health', 'status'));
      return health === 'Degraded' || health === 'Missing' ? `its health is ${health}` : undefined;
    },
  },
  {
    name: 'Flux Kustomization',
    part: 'kustomizations.kustomize.toolkit.fluxcd.io',
    owner: byLabels('kustomize.toolkit.fluxcd.io'),
    trouble: notReady,
  },
  {
    name: 'Flux HelmRelease',
    part: 'helmreleases.helm.toolkit.fluxcd.io',
    owner: byLabels('helm.toolkit.fluxcd.io'),
    trouble: notReady,
  },
  {
    name: 'Fleet',
    part: 'bundledeployments.fleet.cattle.io',
    owner: (workload) => {
      const name = workload.annotations['objectset.rio.cattle.io/owner-name'];
      return name ? { name, path: 'metadata.annotations["objectset.rio.cattle.io/owner-name"]' } : undefined;
    },
    trouble: notReady,
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
  },
];

const fixes = {
  nobody: 'Let Argo CD, Flux, Helm or a pipeline of your own own it: what runs should be put back by a machine.',
  impaired: 'Make the owning object ready, synced and automated.',
};

/** Who delivers a workload, by its own marks and the state of what they name. */
export function deliveryOf(workload: Workload, facts: Facts): Delivery {
  const object = workloadName(workload);
  for (const { name, part, owner, trouble } of reconcilers) {
    const owned = owner(workload, facts);
    if (!owned) continue;
    const found = facts
      .list(part)
      .find(
        ({ metadata }) =>
          metadata.name === owned.name && (owned.namespace === undefined || metadata.namespace === owned.namespace),
      );
    const marked: Evidence = { object, path: owned.path, value: owned.name };
    const base = { evidence: [marked], gaps: [] as string[], fix: fixes.impaired };
    if (!found) {
      const gaps = facts.ledger.gaps([part], owned.namespace);
      if (gaps.length > 0)
        return {
          ...base,
          gaps,
          state: 'unclear',
          reason: 'NOT_READ',
          message: `${name} ${owned.name} claims it, and nobody can say whether that works`,
        };
      return {
        ...base,
        state: 'impaired',
        reason: 'OWNER_ABSENT',
        message: `it is marked as owned by ${name} ${owned.name}, which does not exist`,
      };
    }
    const problem = trouble(found, workload);
    const evidence = [marked, { object: nameOf(found), path: 'status' }];
    if (problem)
      return {
        ...base,
        evidence,
        state: 'impaired',
        reason: 'OWNER_IMPAIRED',
        message: `${nameOf(found)} owns it, but ${problem}`,
      };
    return {
      ...base,
      evidence,
      state: 'managed',
      reason: 'RECONCILED',
      message: `${nameOf(found)} (${name}) puts it there, ready and automated`,
    };
  }
  const gaps = facts.ledger.gaps(
    reconcilers.map(({ part }) => part).filter((part) => part === 'applications.argoproj.io'),
  );
  const release = workload.annotations['meta.helm.sh/release-name'];
  if (release)
    return {
      state: 'managed',
      reason: 'HELM_RELEASE',
      message: `released by Helm as ${release}`,
      fix: '',
      gaps: [],
      evidence: [{ object, path: 'metadata.annotations["meta.helm.sh/release-name"]', value: release }],
    };
  if (gaps.length > 0)
    return {
      state: 'unclear',
      reason: 'NOT_READ',
      message: 'Nobody can say whether a reconciler owns it',
      fix: '',
      gaps,
      evidence: [],
    };
  const label = mark(workload, 'app.kubernetes.io/managed-by');
  const custom = items(workload.object?.metadata.ownerReferences).find((owner) =>
    text(fields(owner)['apiVersion'])?.includes('.'),
  );
  if (custom)
    return {
      state: 'nobody',
      reason: 'OWNED_BY_A_RESOURCE',
      message: `${text(at(custom, 'kind'))} ${text(at(custom, 'name'))} makes it; who delivers that is not visible`,
      fix: 'Let a reconciler or Helm own the resource that makes it.',
      gaps: [],
      evidence: [
        { object, path: 'metadata.ownerReferences', value: `${text(at(custom, 'kind'))} ${text(at(custom, 'name'))}` },
      ],
    };
  return {
    state: 'nobody',
    reason: label ? 'MANAGED_BY_LABEL_ONLY' : 'NOBODY_MANAGES_IT',
    message: label
      ? `its label says managed by ${label}, and nothing in the cluster proves it`
      : 'it is declared, and nobody demonstrably manages it: a person or a pipeline applied it, the cluster cannot tell which',
    fix: fixes.nobody,
    gaps: [],
    evidence: [
      label
        ? { object, path: 'metadata.labels["app.kubernetes.io/managed-by"]', value: label }
        : { object, path: 'metadata', value: 'no mark of Argo CD, Flux, Helm or another reconciler' },
    ],
  };
}
