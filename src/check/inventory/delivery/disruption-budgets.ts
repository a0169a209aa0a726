import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, fields } from '../kubernetes/fields.ts';
import { type Labels, selects } from '../kubernetes/selectors.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

export const budgetPart = 'poddisruptionbudgets.policy';

/** By namespace and the first label that they ask for, so that a thousand budgets over a thousand workloads stay quick. */
const byLabel = perRun((facts) => {
  const budgets = new Map<string, KubeObject[]>();
  for (const budget of facts.list(budgetPart)) {
    const [first] = Object.entries(fields(at(budget, 'spec', 'selector', 'matchLabels')));
    const label = first ? `${first[0]}=${String(first[1])}` : '';
    append(budgets, `${budget.metadata.namespace ?? ''} ${label}`, budget);
  }
  return budgets;
});

/** The budgets of a namespace that select pods with these labels. */
export function budgetsFor(namespace: string, labels: Labels, facts: Facts): KubeObject[] {
  const known = byLabel(facts);
  return ['', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
    .flatMap((label) => known.get(`${namespace} ${label}`) ?? [])
    .filter((budget) => selects(at(budget, 'spec', 'selector'), labels));
}

/** The budgets that a drain of a node has to keep for the pods of a workload. */
export const budgetsOf = ({ namespace, podLabels, pods }: Workload, facts: Facts): KubeObject[] =>
  budgetsFor(namespace, pods[0]?.metadata.labels ?? podLabels, facts);
