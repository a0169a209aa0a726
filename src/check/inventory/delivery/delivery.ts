import type { Evidence, Gap } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { nameOf } from '../kubernetes/types.ts';
import { type Workload, workloadName, workloadParts } from '../kubernetes/workloads.ts';
import { argoApplications } from './argo-applications.ts';
import { type CustomOwner, customOwnerOf, delivererOf } from './custom-owner.ts';
import { mark, type Reconciler, reconcilers } from './reconcilers.ts';

/** Who puts a workload there, and whether that works. */
export interface Delivery {
  /** managed: a reconciler or release owns it and works · impaired: it owns it and does not · nobody: no such sign. */
  state: 'managed' | 'impaired' | 'nobody' | 'unclear';
  reason:
    | 'RECONCILED'
    | 'HELM_RELEASE'
    | 'OWNER_ABSENT'
    | 'OWNER_ELSEWHERE'
    | 'OWNER_IMPAIRED'
    | 'OWNER_AT_WORK'
    | 'OWNED_BY_A_RESOURCE'
    | 'MANAGED_BY_LABEL_ONLY'
    | 'NOBODY_MANAGES_IT'
    | 'NOT_READ';
  message: string;
  fix: string;
  evidence: Evidence[];
  gaps: Gap[];
}

const fixes = {
  nobody: 'Let Argo CD, Flux, Helm or a pipeline of your own own it: what runs should be put back by a machine.',
  impaired: 'Make the owning object ready, synced and automated.',
  elsewhere: 'Ask the cluster that it lives in whether it is ready, synced and automated.',
  destination:
    'Where it is this cluster, address it as https://kubernetes.default.svc or in-cluster; else look in that cluster, and waive this with the reason.',
  atWork: 'Look again when it is done; where that never comes, its conditions and events say why.',
};

/** What the state of whoever puts it there says; `what` begins the sentence. */
function stateOf(
  owner: KubeObject,
  { trouble, isAtWork, works }: { trouble: string | undefined; isAtWork: boolean; works: string },
): Pick<Delivery, 'state' | 'reason' | 'message' | 'fix'> {
  const message = `${nameOf(owner)} owns it, `;
  if (isAtWork)
    return {
      state: 'impaired',
      reason: 'OWNER_AT_WORK',
      message: `${message}and is reconciling at this moment: whether that ends well is not known yet`,
      fix: fixes.atWork,
    };
  return trouble
    ? { state: 'impaired', reason: 'OWNER_IMPAIRED', message: `${message}but ${trouble}`, fix: fixes.impaired }
    : { state: 'managed', reason: 'RECONCILED', message: works, fix: '' };
}

/** What one reconciler's marks on a workload come to; undefined where it bears none. */
function claimOf({ name, part, owner, trouble, isAtWork, isElsewhere }: Reconciler, workload: Workload, facts: Facts) {
  const owned = owner(workload, facts);
  if (!owned) return undefined;
  const found = facts
    .list(part)
    .find(
      ({ metadata }) =>
        metadata.name === owned.name && (owned.namespace === undefined || metadata.namespace === owned.namespace),
    );
  const marked: Evidence = { object: workloadName(workload), path: owned.path, value: owned.name };
  const base = { evidence: [marked], gaps: [] as Gap[], fix: fixes.impaired };
  if (found && isElsewhere?.(found))
    return {
      ...base,
      evidence: [marked, { object: nameOf(found), path: 'spec.destination' }],
      state: 'unclear',
      reason: 'OWNER_ELSEWHERE',
      message: `it is marked as owned by ${nameOf(found)}, which delivers to another cluster by its destination; whether that is an address of this one is not visible`,
      fix: fixes.destination,
    } satisfies Delivery;
  if (found)
    return {
      ...base,
      evidence: [marked, { object: nameOf(found), path: 'status' }],
      ...stateOf(found, {
        trouble: trouble(found, workload),
        isAtWork: isAtWork?.(found) ?? false,
        works: `${nameOf(found)} (${name}) puts it there, ready and automated`,
      }),
    };
  const gaps = facts.ledger.gaps([part], owned.namespace);
  if (gaps.length > 0)
    return {
      ...base,
      gaps,
      state: 'unclear',
      reason: 'NOT_READ',
      message: `${name} ${owned.name} claims it, and nobody can say whether that works`,
    } satisfies Delivery;
  if (facts.ledger.notServed(part))
    return {
      ...base,
      state: 'unclear',
      reason: 'OWNER_ELSEWHERE',
      message: `it is marked as owned by ${name} ${owned.name}, and this cluster knows no such objects: ${name} delivers from another cluster, whose state is not visible here`,
      fix: fixes.elsewhere,
    } satisfies Delivery;
  return {
    ...base,
    state: 'impaired',
    reason: 'OWNER_ABSENT',
    message: `it is marked as owned by ${name} ${owned.name}, which is not in this cluster`,
  } satisfies Delivery;
}

function releaseOf(workload: Workload): Delivery | undefined {
  const release = workload.annotations['meta.helm.sh/release-name'];
  const path = 'metadata.annotations["meta.helm.sh/release-name"]';
  return release
    ? {
        state: 'managed',
        reason: 'HELM_RELEASE',
        message: `released by Helm as ${release}`,
        fix: '',
        gaps: [],
        evidence: [{ object: workloadName(workload), path, value: release }],
      }
    : undefined;
}

const ownerEvidence = (workload: Workload, { kind, name }: CustomOwner): Evidence => ({
  object:
    workload.object || workload.pods.length === 0 ? workloadName(workload) : nameOf(workload.pods[0] as KubeObject),
  path: 'metadata.ownerReferences',
  value: `${kind} ${name}`,
});

/** An operator makes it of a resource that a reconciler demonstrably applies. */
function throughResource(workload: Workload, custom: CustomOwner, facts: Facts): Delivery | undefined {
  const deliverer = delivererOf(custom, facts);
  if (!deliverer) return undefined;
  const what = `${custom.kind} ${custom.name}`;
  const state = stateOf(deliverer.object, {
    ...deliverer,
    works: `${nameOf(deliverer.object)} puts ${what} there, of which an operator makes it`,
  });
  const evidence = [ownerEvidence(workload, custom), { object: nameOf(deliverer.object), path: 'status' }];
  return { ...state, gaps: [], evidence };
}

/** Nobody is seen who puts it there. */
function unowned(workload: Workload, custom: CustomOwner | undefined): Delivery {
  const object = workloadName(workload);
  if (custom)
    return {
      state: 'nobody',
      reason: 'OWNED_BY_A_RESOURCE',
      message: `${custom.kind} ${custom.name} makes it; who delivers that is not visible`,
      fix: 'Let a reconciler or Helm own the resource that makes it.',
      gaps: [],
      evidence: [ownerEvidence(workload, custom)],
    };
  const label = mark(workload, 'app.kubernetes.io/managed-by');
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

/** Who delivers a workload, by its own marks and the state of what they name. */
export function deliveryOf(workload: Workload, facts: Facts): Delivery {
  const claims = reconcilers.flatMap((reconciler) => claimOf(reconciler, workload, facts) ?? []);
  const seen = claims.find(({ reason }) => reason !== 'OWNER_ELSEWHERE') ?? releaseOf(workload) ?? claims[0];
  if (seen) return seen;
  const custom = customOwnerOf(workload);
  const made = custom && throughResource(workload, custom, facts);
  if (made) return made;
  const isNamedByPods = !workload.object && !custom;
  const gaps = [
    ...facts.ledger.gaps([argoApplications]),
    ...(isNamedByPods ? facts.ledger.gaps(workloadParts, workload.namespace) : []),
  ];
  if (gaps.length > 0)
    return {
      state: 'unclear',
      reason: 'NOT_READ',
      message: 'Nobody can say whether a reconciler owns it',
      fix: '',
      gaps,
      evidence: [],
    };
  return unowned(workload, custom);
}
