import { budgetPart } from '../../inventory/delivery/disruption-budgets.ts';
import { isMadeByKeda, scalableKinds, scalerParts, targetOf } from '../../inventory/delivery/scalers.ts';
import type { Facts } from '../../inventory/facts.ts';
import { amount, at, fields } from '../../inventory/kubernetes/fields.ts';
import { type Labels, selects } from '../../inventory/kubernetes/selectors.ts';
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
  // By namespace and one label, so that a thousand budgets over a thousand workloads stay quick; '' holds everything.
  const byLabel = new Map<string, Labels[]>();
  const add = (key: string, labels: Labels): void => {
    const known = byLabel.get(key);
    if (known) known.push(labels);
    else byLabel.set(key, [labels]);
  };
  for (const { namespace, workloads } of all.length > 0 ? facts.components : [])
    for (const { podLabels, pods } of workloads)
      for (const labels of [podLabels, ...pods.slice(0, 1).map(({ metadata }) => metadata.labels ?? {})]) {
        add(`${namespace} `, labels);
        for (const [key, value] of Object.entries(labels)) add(`${namespace} ${key}=${value}`, labels);
      }
  return all.flatMap((budget): Dangling[] => {
    const namespace = budget.metadata.namespace ?? '';
    if (!['pods', ...workloadParts].every((part) => facts.ledger.complete(part, namespace))) return [];
    const selector = at(budget, 'spec', 'selector');
    const [first] = Object.entries(fields(at(selector, 'matchLabels')));
    const candidates = byLabel.get(`${namespace} ${first ? `${first[0]}=${String(first[1])}` : ''}`) ?? [];
    const object = nameOf(budget);
    return candidates.some((labels) => selects(selector, labels))
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
