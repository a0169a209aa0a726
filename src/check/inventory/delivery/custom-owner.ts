import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { argoApplicationOf } from './argo-applications.ts';
import {
  isReconciling,
  isSyncing,
  kustomizations,
  type Listed,
  notReady,
  troubleOfApplication,
} from './reconcilers.ts';

/** A custom resource of which an operator makes a workload, or its pods. */
export interface CustomOwner extends Listed {
  group: string;
}

/** Groups of which a resource is the workload itself, not what an operator makes one of. */
const ofWorkloads = /^(argoproj\.io|apps\.kruise\.io|apps\.openshift\.io|serving\.knative\.dev)\//;

/** Groups of Kubernetes' own workloads have no dot: `apps`, `batch`. */
export function customOwnerOf({ object, pods, namespace }: Workload): CustomOwner | undefined {
  const references = (object ?? pods[0])?.metadata.ownerReferences ?? [];
  const owner = references.find(({ apiVersion }) => apiVersion.includes('.') && !ofWorkloads.test(apiVersion));
  if (!owner) return undefined;
  return { kind: owner.kind, namespace, name: owner.name, group: owner.apiVersion.replace(/\/.*$/, '') };
}

/** By the ids of what each has applied: `shop_orders-db_postgresql.cnpg.io_Cluster`. */
const byEntry = perRun(
  (facts): ReadonlyMap<string, KubeObject> =>
    new Map(
      facts
        .list(kustomizations)
        .flatMap((each) =>
          items(at(each, 'status', 'inventory', 'entries')).map(
            (entry) => [text(at(entry, 'id')) ?? '', each] as const,
          ),
        ),
    ),
);

/** The reconciler whose own list of what it applied holds a custom resource. */
export function delivererOf(
  owner: CustomOwner,
  facts: Facts,
): { object: KubeObject; trouble: string | undefined; isAtWork: boolean } | undefined {
  const application = argoApplicationOf(owner, facts);
  if (application)
    return {
      object: application,
      trouble: troubleOfApplication(application, owner),
      isAtWork: isSyncing(application),
    };
  const kustomization = byEntry(facts).get(`${owner.namespace}_${owner.name}_${owner.group}_${owner.kind}`);
  return (
    kustomization && {
      object: kustomization,
      trouble: notReady(kustomization),
      isAtWork: isReconciling(kustomization),
    }
  );
}
