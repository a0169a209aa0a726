import type { Facts } from '../inventory/facts.ts';
import { nameOf } from '../inventory/kube.ts';
import { selects } from '../inventory/labels.ts';
import { amount, at, text } from '../inventory/read.ts';
import { isInScope } from '../inventory/scope.ts';
import { workloadParts } from '../inventory/workloads.ts';
import type { KubeObject } from '../sources/snapshot.ts';
import type { Idle } from './define-check.ts';

const scalers = ['horizontalpodautoscalers.autoscaling', 'scaledobjects.keda.sh'] as const;
const budgets = 'poddisruptionbudgets.policy';

export const scalerParts = [...scalers, budgets];

/** Kinds that can be scaled and whose lists say whether one exists. */
const parts: Readonly<Record<string, string>> = {
  Deployment: 'deployments.apps',
  StatefulSet: 'statefulsets.apps',
  Rollout: 'rollouts.argoproj.io',
};

const targetOf = (scaler: KubeObject): { kind: string; name: string } => ({
  kind: text(at(scaler, 'spec', 'scaleTargetRef', 'kind')) ?? 'Deployment',
  name: text(at(scaler, 'spec', 'scaleTargetRef', 'name')) ?? '',
});

const here = (part: string, facts: Facts): KubeObject[] =>
  facts.list(part).filter(({ metadata }) => isInScope(metadata.namespace ?? '', facts));

/** Autoscalers whose target does not exist, that share a target, or that have no room to scale. */
function autoscalers(facts: Facts): Idle[] {
  // KEDA makes an autoscaler of its own for each ScaledObject.
  const all = scalers
    .flatMap((part) => here(part, facts))
    .filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'ScaledObject'));
  return all.flatMap((scaler, index): Idle[] => {
    const object = nameOf(scaler);
    const namespace = scaler.metadata.namespace ?? '';
    const { kind, name } = targetOf(scaler);
    const part = parts[kind];
    const evidence = [{ object, path: 'spec.scaleTargetRef', value: `${kind} ${name}` }];
    const exists =
      part && facts.list(part).some(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    if (part && !exists && facts.ledger.complete(part, namespace))
      return [
        {
          object,
          reason: 'SCALES_NOTHING',
          message: `${object} scales ${kind} ${name}, which does not exist`,
          evidence,
          fix: 'Correct spec.scaleTargetRef, or delete it.',
        },
      ];
    const other = all
      .slice(index + 1)
      .find(
        (each) => each.metadata.namespace === namespace && targetOf(each).kind === kind && targetOf(each).name === name,
      );
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
            fix: 'Raise spec.maxReplicas, or set spec.replicas and delete it.',
          },
        ]
      : [];
  });
}

/** Disruption budgets that protect no pod. */
function disruptionBudgets(facts: Facts): Idle[] {
  return here(budgets, facts).flatMap((budget): Idle[] => {
    const namespace = budget.metadata.namespace ?? '';
    if (!['pods', ...workloadParts].every((part) => facts.ledger.complete(part, namespace))) return [];
    const selector = at(budget, 'spec', 'selector');
    const matched = facts.parties.some(
      (party) =>
        party.namespace === namespace &&
        party.workloads.some(
          ({ podLabels, pods }) =>
            selects(selector, podLabels) || pods.some(({ metadata }) => selects(selector, metadata.labels ?? {})),
        ),
    );
    const object = nameOf(budget);
    return matched
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
export const idleScalers = (facts: Facts): Idle[] => [...autoscalers(facts), ...disruptionBudgets(facts)];
