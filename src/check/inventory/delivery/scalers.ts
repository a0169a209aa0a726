import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { amount, at, text } from '../kubernetes/fields.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

export const scalerParts = ['horizontalpodautoscalers.autoscaling', 'scaledobjects.keda.sh'] as const;

/** Kinds that can be scaled and whose lists say whether one exists. */
export const scalableKinds: Readonly<Record<string, { part: string; group: string }>> = {
  Deployment: { part: 'deployments.apps', group: 'apps' },
  StatefulSet: { part: 'statefulsets.apps', group: 'apps' },
  Rollout: { part: 'rollouts.argoproj.io', group: 'argoproj.io' },
};

/** What an autoscaler scales. `kind` is the plain one only of the group that usually has it: others have StatefulSets too. */
export const targetOf = (scaler: KubeObject): { kind: string; name: string } => {
  const target = at(scaler, 'spec', 'scaleTargetRef');
  const kind = text(at(target, 'kind')) ?? 'Deployment';
  const [group = ''] = (text(at(target, 'apiVersion')) ?? '').split('/');
  const known = scalableKinds[kind]?.group;
  return {
    kind: group === '' || known === undefined || group === known ? kind : `${kind}.${group}`,
    name: text(at(target, 'name')) ?? '',
  };
};

/** KEDA makes an autoscaler of its own for each ScaledObject. */
export const isMadeByKeda = ({ metadata }: KubeObject): boolean =>
  metadata.ownerReferences?.some(({ kind }) => kind === 'ScaledObject') ?? false;

/** The fewest replicas that an autoscaler keeps, and the field that says so. */
export const leastOf = (scaler: KubeObject): { replicas: number; path: string } =>
  scaler.kind === 'ScaledObject'
    ? { replicas: amount(at(scaler, 'spec', 'minReplicaCount')) ?? 0, path: 'spec.minReplicaCount' }
    : { replicas: amount(at(scaler, 'spec', 'minReplicas')) ?? 1, path: 'spec.minReplicas' };

const byTarget = perRun(
  (facts) =>
    new Map(
      scalerParts
        .flatMap((part) => facts.list(part))
        .filter((scaler) => !isMadeByKeda(scaler))
        .map((scaler) => {
          const { kind, name } = targetOf(scaler);
          return [`${kind} ${scaler.metadata.namespace ?? ''}/${name}`, scaler] as const;
        }),
    ),
);

/** What scales a workload. */
export const scalerOf = ({ kind, namespace, name }: Workload, facts: Facts): KubeObject | undefined =>
  byTarget(facts).get(`${kind} ${namespace}/${name}`);
