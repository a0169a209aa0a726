import { budgetPart, budgetsFor } from '../../inventory/delivery/disruption-budgets.ts';
import { isMadeByKeda, scalableKinds, scalerParts, targetOf } from '../../inventory/delivery/scalers.ts';
import type { Facts } from '../../inventory/facts.ts';
import { amount, at } from '../../inventory/kubernetes/fields.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { workloadParts } from '../../inventory/kubernetes/workloads.ts';
import { isInScope } from '../../inventory/scope.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Dangling } from './reasons.ts';

export const scalingParts = [...scalerParts, budgetPart];

const here = (part: string, facts: Facts): KubeObject[] =>
  facts.list(part).filter(({ metadata }) => isInScope(metadata.namespace ?? '', facts));

/** Autoscalers whose target does not exist, that share a target, or that have no room to scale. */
function autoscalers(facts: Facts): Dangling[] {
  const all = scalerParts.flatMap((part) => here(part, facts)).filter((scaler) => !isMadeByKeda(scaler));
  const keyOf = (scaler: KubeObject): string => {
    const { kind, name } = targetOf(scaler);
    return `${kind} ${scaler.metadata.namespace ?? ''}/${name}`;
  };
  const existing = new Set(
    Object.entries(scalableKinds).flatMap(([kind, { part }]) =>
      facts.list(part).map(({ metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
    ),
  );
  // The last of those that share a target: the others are told with it.
  const lastOf = new Map(all.map((scaler) => [keyOf(scaler), scaler]));
  return all.flatMap((scaler): Dangling[] => {
    const object = nameOf(scaler);
    const namespace = scaler.metadata.namespace ?? '';
    const { kind, name } = targetOf(scaler);
    const part = scalableKinds[kind]?.part;
    const evidence = [{ object, path: 'spec.scaleTargetRef', value: `${kind} ${name}` }];
    const exists = existing.has(keyOf(scaler));
    if (part && !exists && facts.ledger.complete(part, namespace))
      return [
        {
          object,
          reason: 'SCALES_NOTHING',
          message: `${object} scales ${kind} ${name}, which does not exist`,
          evidence,
          fix: `Correct spec.scaleTargetRef, or deploy ${name}.`,
        },
      ];
    const last = lastOf.get(keyOf(scaler));
    const other = last === scaler ? undefined : last;
    if (other)
      return [
        {
          object,
          reason: 'TWO_SCALERS',
          message: `${object} and ${nameOf(other)} both scale ${kind} ${name}, and undo each other’s work`,
          evidence,
          fix: `Leave ${name} to one of them; the other may be meant for another workload.`,
        },
      ];
    const [min, max] = [amount(at(scaler, 'spec', 'minReplicas')) ?? 1, amount(at(scaler, 'spec', 'maxReplicas'))];
    return scaler.kind === 'HorizontalPodAutoscaler' && max !== undefined && max <= min
      ? [
          {
            object,
            reason: 'SCALES_NOTHING',
            message: `${object} keeps ${name} at ${max} replicas whatever happens: its minimum is its maximum`,
            evidence: [{ object, path: 'spec.maxReplicas', value: String(max) }],
            fix: 'Raise spec.maxReplicas where it is meant to scale.',
          },
        ]
      : [];
  });
}

/** Disruption budgets that protect no pod. */
function disruptionBudgets(facts: Facts): Dangling[] {
  const all = here(budgetPart, facts);
  const protecting = new Set(
    (all.length > 0 ? facts.components : []).flatMap(({ namespace, workloads }) =>
      workloads.flatMap(({ podLabels, pods }) =>
        [podLabels, ...pods.slice(0, 1).map(({ metadata }) => metadata.labels ?? {})].flatMap((labels) =>
          budgetsFor(namespace, labels, facts),
        ),
      ),
    ),
  );
  return all.flatMap((budget): Dangling[] => {
    const namespace = budget.metadata.namespace ?? '';
    if (!['pods', ...workloadParts].every((part) => facts.ledger.complete(part, namespace))) return [];
    const object = nameOf(budget);
    return protecting.has(budget)
      ? []
      : [
          {
            object,
            reason: 'PROTECTS_NOTHING',
            message: `${object} selects no pod: a drain of a node may take every replica of what it was meant for`,
            evidence: [{ object, path: 'spec.selector' }],
            fix: 'Make spec.selector match the labels of the pod template.',
          },
        ];
  });
}

/** What is meant to scale or protect something, and acts on nothing. */
export const danglingScalers = (facts: Facts): Dangling[] => [...autoscalers(facts), ...disruptionBudgets(facts)];
