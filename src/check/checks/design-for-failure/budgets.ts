import type { Evidence } from '../../contract.ts';
import { budgetPart, budgetsOf } from '../../inventory/delivery/disruption-budgets.ts';
import type { Facts } from '../../inventory/facts.ts';
import { amount, at, text } from '../../inventory/kubernetes/fields.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** What a budget asks for that no drain can ever keep; undefined where it can. */
function blockedBy(budget: KubeObject, wanted: number): Evidence | undefined {
  const object = nameOf(budget);
  for (const name of ['maxUnavailable', 'minAvailable'] as const) {
    const given = at(budget, 'spec', name);
    const [value, share] = [amount(given), /^(\d{1,3})%$/.exec(text(given) ?? '')?.[1]];
    const allows = name === 'maxUnavailable' ? (value ?? Number(share)) : undefined;
    const keeps = name === 'minAvailable' ? (value ?? Math.ceil((Number(share) / 100) * wanted)) : undefined;
    if (allows === 0 || (keeps !== undefined && keeps >= wanted))
      return { object, path: `spec.${name}`, value: String(given) };
  }
  return undefined;
}

/** With all of its pods well it still allows none to go, whatever its fields are meant to say. */
function isShut(budget: KubeObject): boolean {
  const status = (name: string): number | undefined => amount(at(budget, 'status', name));
  const [healthy, expected] = [status('currentHealthy'), status('expectedPods')];
  return status('disruptionsAllowed') === 0 && expected !== undefined && expected > 0 && (healthy ?? 0) >= expected;
}

/** Where it allows all of them to go at once; shares are rounded up, as the controller does. */
function allowsAll(budget: KubeObject, wanted: number): Evidence | undefined {
  for (const name of ['maxUnavailable', 'minAvailable'] as const) {
    const given = at(budget, 'spec', name);
    const share = /^(\d{1,3})%$/.exec(text(given) ?? '')?.[1];
    const value = amount(given) ?? (share === undefined ? undefined : Math.ceil((Number(share) / 100) * wanted));
    if (value !== undefined && (name === 'maxUnavailable' ? value >= wanted : value === 0))
      return { object: nameOf(budget), path: `spec.${name}`, value: String(given) };
  }
  return undefined;
}

/** The only budget over its pods. `several`: it has replicas to keep. */
function judgeBudget(budget: KubeObject, workload: Workload, several: boolean): Found[] {
  const wanted = workload.wanted ?? workload.pods.length;
  const shut = { object: nameOf(budget), path: 'status.disruptionsAllowed', value: '0' };
  const blocked = blockedBy(budget, wanted) ?? (isShut(budget) ? shut : undefined);
  if (!blocked) {
    const open = several ? allowsAll(budget, wanted) : undefined;
    if (!open) return [];
    return [
      {
        status: 'warn',
        reason: 'BUDGET_KEEPS_NONE',
        message: `${nameOf(budget)} lets all ${wanted} replicas of ${workloadName(workload)} go at once: a drain of their nodes may take them all`,
        evidence: [open],
        fix: 'Set spec.maxUnavailable: 1 in it.',
        key: workload.name,
      },
    ];
  }
  const well = wanted === 1 ? 'its one replica' : `all ${wanted} replicas`;
  return [
    {
      status: 'warn',
      reason: 'BUDGET_BLOCKS',
      message: `${nameOf(budget)} lets no pod of ${workloadName(workload)} go, with ${well} well: a drain of its node waits for ever`,
      evidence: [blocked],
      fix: 'Set spec.maxUnavailable: 1 in it, with two replicas or more.',
      key: workload.name,
    },
  ];
}

/** Whether a drain of a node gets through, and leaves some of it. `several`: it has replicas to keep. */
export function judgeBudgets(workload: Workload, several: boolean, facts: Facts): Found[] {
  const budgets = budgetsOf(workload, facts);
  const key = workload.name;
  const who = workloadName(workload);
  const evidence = budgets.map((budget): Evidence => ({ object: nameOf(budget), path: 'spec.selector' }));
  const [budget, another] = budgets;
  if (budget && another)
    return [
      {
        status: 'warn',
        reason: 'TWO_BUDGETS',
        message: `${nameOf(budget)} and ${nameOf(another)} both select the pods of ${who}: the API refuses to evict a pod that has two`,
        evidence,
        fix: 'Leave one of them.',
        key,
      },
    ];
  const gaps = facts.ledger.gaps([budgetPart], workload.namespace);
  const hidden: Found[] =
    gaps.length > 0
      ? [{ ...unread(gaps, `Nobody can say whether a budget keeps some of ${who} in a drain`), key, atWorst: 'warn' }]
      : [];
  if (budget) return [...judgeBudget(budget, workload, several), ...hidden];
  if (!several || gaps.length > 0) return several ? hidden : [];
  const [label] = Object.entries(workload.podLabels);
  return [
    {
      status: 'warn',
      reason: 'NO_BUDGET',
      message: `no disruption budget selects the pods of ${who}: a drain of their nodes may take all of them at once`,
      evidence: [{ object: who, path: `${workload.metadataPath}.labels` }],
      fix: `Make one: kubectl create poddisruptionbudget ${workload.name} -n ${workload.namespace} --selector=${label ? label.join('=') : 'app=NAME'} --max-unavailable=1`,
      key,
    },
  ];
}
